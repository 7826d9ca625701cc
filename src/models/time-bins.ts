/** Time as the third mode of a tensor: stretches of the calendar that hold equally many
 *  interactions. */

/** @param timestamps seconds since 1970; NaN where unknown
 *  @param count      how many bins are wanted
 *  @returns where the second and later bins begin, ascending, each once: fewer than `count` - 1
 *    when many share a time. Null when no time is known: then there is no such mode. */
export function timeBinEdges(timestamps: Float64Array, count: number): readonly number[] | null {
  const known = timestamps.filter((timestamp) => !Number.isNaN(timestamp)).sort();
  if (known.length === 0) return null;
  const edges = Array.from(
    { length: count - 1 },
    (_, bin) => known[Math.floor(((bin + 1) * known.length) / count)],
  );
  return edges.filter((edge, at) => edge > (at === 0 ? known[0] : edges[at - 1]));
}

/** @returns how many bins these edges make */
export const binCount = (edges: readonly number[] | null): number =>
  edges === null ? 0 : edges.length + 1;

/** @returns the bin, the first for times before training and the last for times after; -1 for an
 *    unknown time, or without the mode */
export function binOf(timestamp: number, edges: readonly number[] | null): number {
  if (edges === null || Number.isNaN(timestamp)) return -1;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The time a ranking is for: that of the last interaction, since a history does not say when it is
 *  asked about.
 *  @returns the bin, -1 for an empty history or an unknown time */
export function binOfHistory(timestamps: Float64Array, edges: readonly number[] | null): number {
  return timestamps.length === 0 ? -1 : binOf(timestamps[timestamps.length - 1], edges);
}
