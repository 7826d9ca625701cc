/** Exact nearest neighbours: one pass over all points with a partial top-k fused into it. Exact
 *  search is right up to some 200,000 points (docs/serving.md has the measured times).
 *  `scan-simd.ts` is the same in WebAssembly. */
import type { Bitset } from './bitset';

export interface Neighbours {
  // Plain arrays: a typed array of more than 64 bytes lives outside the heap, and to make and free
  // it costs more than a short scan.
  /** [n] rows, nearest first; equal distances in order of row */
  readonly rows: readonly number[];
  /** [n] Euclidean distance of each, ascending */
  readonly distances: readonly number[];
}

export interface DistanceScan {
  /** I */
  readonly count: number;
  /** d */
  readonly embeddingSize: number;
  /** @param query [d]
   *  @param k     0 to MAX_NEIGHBOURS
   *  @param skip  rows left out; of size I
   *  @returns min(k, rows not skipped) neighbours; a row or query with NaN matches nothing
   *  @throws RangeError on a k, a query or a skip set of the wrong size */
  nearest(query: Float32Array, k: number, skip?: Bitset | null): Neighbours;
  /** The k nearest of given rows: for few rows, such as those a user has rated, several times as
   *  fast as a whole scan that skips the others.
   *  @param among distinct rows, ascending
   *  @returns as `nearest`
   *  @throws RangeError on a k or a query of the wrong size, or rows that do not exist or are not
   *    in order */
  nearestAmong(query: Float32Array, k: number, among: ArrayLike<number>): Neighbours;
  /** @returns how many of all points are strictly nearer to `query` than `distance` (Euclidean) */
  countNearer(query: Float32Array, distance: number): number;
}

export const MAX_NEIGHBOURS = 1024;

/** The plain twin: portable JavaScript, unrolled by four; single precision in, double precision
 *  sums. */
export class PlainScan implements DistanceScan {
  readonly count: number;
  private readonly best = new Float64Array(MAX_NEIGHBOURS);
  private readonly bestRows = new Int32Array(MAX_NEIGHBOURS);

  /** @param points [I, d] row-major; kept, not copied */
  constructor(
    private readonly points: Float32Array,
    readonly embeddingSize: number,
  ) {
    this.count = rowCount(points, embeddingSize);
  }

  nearest(query: Float32Array, k: number, skip: Bitset | null = null): Neighbours {
    checkQuery(this, query, k, skip);
    const words = skip?.words;
    const nearest = new Nearest(this.best, this.bestRows, k);
    for (let row = 0; row < this.count; row++) {
      if (words !== undefined && ((words[row >>> 5] >>> (row & 31)) & 1) === 1) continue;
      nearest.offer(squaredDistance(this.points, row * this.embeddingSize, query, this.embeddingSize), row);
    }
    return nearest.neighbours();
  }

  nearestAmong(query: Float32Array, k: number, among: ArrayLike<number>): Neighbours {
    checkQuery(this, query, k, null);
    checkAmong(this, among);
    const nearest = new Nearest(this.best, this.bestRows, k);
    for (let i = 0; i < among.length; i++) {
      nearest.offer(
        squaredDistance(this.points, among[i] * this.embeddingSize, query, this.embeddingSize),
        among[i],
      );
    }
    return nearest.neighbours();
  }

  countNearer(query: Float32Array, distance: number): number {
    checkQuery(this, query, 0, null);
    let nearer = 0;
    for (let row = 0; row < this.count; row++) {
      if (
        Math.sqrt(squaredDistance(this.points, row * this.embeddingSize, query, this.embeddingSize)) <
        distance
      )
        nearer++;
    }
    return nearer;
  }
}

/** The k best so far, in memory that is handed in. */
class Nearest {
  private found = 0;
  private worst: number;

  constructor(
    private readonly best: Float64Array,
    private readonly bestRows: Int32Array,
    private readonly k: number,
  ) {
    this.worst = k > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Rows come in ascending order. @param distance squared */
  offer(distance: number, row: number): void {
    if (!(distance < this.worst)) return;
    const { best, bestRows, k } = this;
    // Insertion from the end, so that an equal distance stays in front.
    let at = this.found < k ? this.found++ : k - 1;
    for (; at > 0 && best[at - 1] > distance; at--) {
      best[at] = best[at - 1];
      bestRows[at] = bestRows[at - 1];
    }
    best[at] = distance;
    bestRows[at] = row;
    if (this.found === k) this.worst = best[k - 1];
  }

  neighbours(): Neighbours {
    const { best, bestRows, found } = this;
    return {
      rows: Array.from(bestRows.subarray(0, found)),
      distances: Array.from(best.subarray(0, found), Math.sqrt),
    };
  }
}

/** @param offset where the row starts in `points` @param size d */
export function squaredDistance(
  points: Float32Array,
  offset: number,
  query: Float32Array,
  size: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let j = 0;
  for (; j + 3 < size; j += 4) {
    const d0 = points[offset + j] - query[j];
    const d1 = points[offset + j + 1] - query[j + 1];
    const d2 = points[offset + j + 2] - query[j + 2];
    const d3 = points[offset + j + 3] - query[j + 3];
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  for (; j < size; j++) {
    const difference = points[offset + j] - query[j];
    sum0 += difference * difference;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

/** Euclidean distance of two points.
 *  @param a [d]
 *  @param b [d] */
export function euclideanDistance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(squaredDistance(a, 0, b, b.length));
}

/** @returns I of an [I, d] matrix. @throws RangeError when its length is no multiple of d */
export function rowCount(points: Float32Array, embeddingSize: number): number {
  if (!(Number.isInteger(embeddingSize) && embeddingSize > 0))
    throw new RangeError(`A point must have 1 or more dimensions, not ${embeddingSize}.`);
  if (points.length % embeddingSize !== 0)
    throw new RangeError(`${points.length} numbers are not a multiple of ${embeddingSize} dimensions.`);
  return points.length / embeddingSize;
}

/** @throws RangeError naming what does not fit the scan */
export function checkQuery(scan: DistanceScan, query: Float32Array, k: number, skip: Bitset | null): void {
  if (query.length !== scan.embeddingSize)
    throw new RangeError(
      `The query has ${query.length} dimensions, but the points have ${scan.embeddingSize}.`,
    );
  if (!(Number.isInteger(k) && k >= 0 && k <= MAX_NEIGHBOURS))
    throw new RangeError(`k must be from 0 to ${MAX_NEIGHBOURS}, not ${k}.`);
  if (skip !== null && skip.size !== scan.count)
    throw new RangeError(`The skip set has ${skip.size} rows, but there are ${scan.count} points.`);
}

/** @throws RangeError where the rows do not ascend within the scan */
export function checkAmong(scan: DistanceScan, among: ArrayLike<number>): void {
  let before = -1;
  for (let i = 0; i < among.length; i++) {
    const row = among[i];
    if (!(Number.isInteger(row) && row > before && row < scan.count)) {
      throw new RangeError(`Rows must ascend from 0 to ${scan.count - 1}; ${row} follows ${before}.`);
    }
    before = row;
  }
}
