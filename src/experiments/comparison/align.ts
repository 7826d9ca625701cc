/** Several experiments' figures → columns of the same users in the same order. Pure. */
import type { StoredFigures } from '../user-figures';

/** Users that not all have are left out, and so are those of whom the metric says nothing somewhere
 *  (NaN).
 *  @returns [experiments][U], users in the order of the first experiment */
export function align(figures: readonly StoredFigures[]): Float32Array[] {
  const { userIds } = figures[0];
  const places = figures.map((other) => placesOf(userIds, other.userIds));
  const shared = Int32Array.from(userIds.keys()).filter((at) =>
    figures.every(({ values }, f) => places[f][at] >= 0 && !Number.isNaN(values[places[f][at]])),
  );
  return figures.map(({ values }, f) => Float32Array.from(shared, (at) => values[places[f][at]]));
}

/** @returns [U] where each user stands in `others`, or -1 */
function placesOf(userIds: Int32Array, others: Int32Array): Int32Array {
  if (userIds.length === others.length && userIds.every((id, at) => id === others[at]))
    return Int32Array.from(userIds.keys());
  const places = new Map(Array.from(others, (id, at) => [id, at]));
  return userIds.map((id) => places.get(id) ?? -1);
}

/** A system's figure for each user over its trainings (seeds), as a mean: [U]. */
export function meanColumn(columns: readonly Float32Array[]): Float32Array {
  return columns[0].map((_, user) => columns.reduce((sum, column) => sum + column[user], 0) / columns.length);
}
