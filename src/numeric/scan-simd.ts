/** The distance scan in WebAssembly SIMD (source and method: assembly/scan.ts): single precision,
 *  many times the plain twin's speed. The points live in the instance's own memory, so two scans
 *  share nothing and one is dropped as a whole. */
import type { Bitset } from './bitset';
import { Layout, roundUp } from './kernel';
import {
  checkAmong,
  checkQuery,
  type DistanceScan,
  MAX_NEIGHBOURS,
  type Neighbours,
  PlainScan,
  rowCount,
} from './scan';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  /** Sizes, then addresses, as assembly/scan.ts has them */
  configure(...args: number[]): void;
  nearest(k: number, skips: number, scale: number, margin: number): number;
  nearestAmong(size: number, k: number): number;
  countNearer(limit: number): number;
}

/** Numbers that the kernel takes at a time: rows are padded to a multiple of it. */
const LANES = 16;
/** Rows that the kernel takes at a time. */
const ROWS = 4;
const SINGLE_EPSILON = 2 ** -23;

/** How vectors are rounded to integers, and how far that can move them. */
interface Rounding {
  /** An integer is the number times this. */
  readonly scale: number;
  /** Length of the longest vector. */
  readonly longest: number;
  /** Largest distance between a vector and its rounded form. */
  readonly error: number;
}

export class SimdScan implements DistanceScan {
  readonly count: number;
  private readonly kernel: Kernel;
  private readonly rounding: Rounding;
  /** The largest integer whose products, summed over a row, fit 32 bits. */
  private readonly largest: number;
  /** Views into the memory, which never grows after the constructor. */
  private readonly query: Float32Array;
  private readonly roundedQuery: Int16Array;
  private readonly skip: Uint32Array;
  private readonly among: Int32Array;
  private readonly outDistances: Float32Array;
  private readonly outRows: Int32Array;

  /** @param module compiled assembly/scan.ts
   *  @param points [I, d] row-major; copied
   *  @throws RangeError when there is not as much memory */
  constructor(
    module: WebAssembly.Module,
    points: Float32Array,
    readonly embeddingSize: number,
  ) {
    const count = rowCount(points, embeddingSize);
    const width = roundUp(embeddingSize, LANES);
    const blocks = roundUp(count, ROWS);
    this.count = count;
    this.largest = Math.min(32_767, Math.floor(Math.sqrt(2 ** 31 / width)) - 1);
    this.kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
    const memory = new Layout();
    const queryAt = memory.place(4 * width);
    const roundedQueryAt = memory.place(2 * width);
    const skipAt = memory.place(4 * ((count + 31) >>> 5));
    const amongAt = memory.place(4 * count);
    const outDistancesAt = memory.place(4 * MAX_NEIGHBOURS);
    const outRowsAt = memory.place(4 * MAX_NEIGHBOURS);
    const normsAt = memory.place(4 * blocks);
    const roundedPointsAt = memory.place(2 * width * blocks);
    const pointsAt = memory.place(4 * width * count);
    const buffer = memory.reserve(this.kernel.memory);
    this.query = new Float32Array(buffer, queryAt, width);
    this.roundedQuery = new Int16Array(buffer, roundedQueryAt, width);
    this.skip = new Uint32Array(buffer, skipAt, (count + 31) >>> 5);
    this.among = new Int32Array(buffer, amongAt, count);
    this.outDistances = new Float32Array(buffer, outDistancesAt, MAX_NEIGHBOURS);
    this.outRows = new Int32Array(buffer, outRowsAt, MAX_NEIGHBOURS);
    const padded = new Float32Array(buffer, pointsAt, width * count);
    for (let row = 0; row < count; row++)
      padded.set(points.subarray(row * embeddingSize, (row + 1) * embeddingSize), row * width);
    const rounded = new Int16Array(buffer, roundedPointsAt, width * blocks);
    const norms = new Float32Array(buffer, normsAt, blocks);
    this.rounding = roundRows(padded, rounded, { width, largest: this.largest, norms });
    this.kernel.configure(
      count,
      width,
      pointsAt,
      queryAt,
      roundedPointsAt,
      roundedQueryAt,
      normsAt,
      skipAt,
      amongAt,
      outDistancesAt,
      outRowsAt,
    );
  }

  nearest(query: Float32Array, k: number, skip: Bitset | null = null): Neighbours {
    checkQuery(this, query, k, skip);
    if (k === 0) return { rows: [], distances: [] };
    this.query.set(query);
    if (skip !== null) this.skip.set(skip.words);
    const { scale, margin } = this.roundQuery();
    return this.found(this.kernel.nearest(k, skip === null ? 0 : 1, scale, margin));
  }

  nearestAmong(query: Float32Array, k: number, among: ArrayLike<number>): Neighbours {
    checkQuery(this, query, k, null);
    checkAmong(this, among);
    if (k === 0) return { rows: [], distances: [] };
    this.query.set(query);
    this.among.set(among);
    return this.found(this.kernel.nearestAmong(among.length, k));
  }

  countNearer(query: Float32Array, distance: number): number {
    checkQuery(this, query, 0, null);
    this.query.set(query);
    return this.kernel.countNearer(Math.fround(distance * distance));
  }

  /** The first results of the kernel. */
  private found(count: number): Neighbours {
    const rows: number[] = [];
    const distances: number[] = [];
    for (let i = 0; i < count; i++) {
      rows.push(this.outRows[i]);
      distances.push(Math.sqrt(this.outDistances[i]));
    }
    return { rows, distances };
  }

  /** With x = x' + e and q = q' + f, x' and q' being the rounded forms,
   *  |q·x - q'·x'| = |q·e + f·x - f·e| ≤ |q||e| + |f||x| + |f||e|. The rounding of |x|², 2 q·x and
   *  the measured distance in single precision is covered by a few units of their last place. */
  private roundQuery(): { scale: number; margin: number } {
    const { scale: pointScale, longest, error } = this.rounding;
    const options = { width: this.query.length, largest: this.largest, norms: null };
    const { scale, longest: length, error: queryError } = roundRows(this.query, this.roundedQuery, options);
    const rounding = length * error + queryError * (longest + error);
    const precision = (this.query.length + 16) * SINGLE_EPSILON * (length + longest) ** 2;
    return { scale: 2 / (scale * pointScale), margin: 2 * rounding + precision - length ** 2 };
  }
}

/** Rounds the rows of a matrix to integers up to `largest`. Rows that are not finite are ignored.
 *  @param rows    [n, width]
 *  @param rounded [n, width], written
 *  @param norms   [n], written with the squared lengths; null if not needed */
function roundRows(
  rows: Float32Array,
  rounded: Int16Array,
  { width, largest, norms }: { width: number; largest: number; norms: Float32Array | null },
): Rounding {
  let highest = 0;
  for (const value of rows) {
    const size = Math.abs(value);
    if (size > highest && size < Number.POSITIVE_INFINITY) highest = size;
  }
  const scale = highest > 0 ? largest / highest : 1;
  let longest = 0;
  let error = 0;
  for (let from = 0, row = 0; from < rows.length; from += width, row++) {
    let norm = 0;
    let squaredError = 0;
    for (let at = from; at < from + width; at++) {
      const value = rows[at];
      const integer = Math.round(value * scale);
      rounded[at] = integer;
      norm += value * value;
      squaredError += (value - integer / scale) ** 2;
    }
    if (norms !== null) norms[row] = norm;
    if (norm > longest && norm < Number.POSITIVE_INFINITY) longest = norm;
    if (squaredError > error) error = squaredError;
  }
  return { scale, longest: Math.sqrt(longest), error: Math.sqrt(error) };
}

/** @param module the compiled kernel, or null where there is none */
export function createScan(
  points: Float32Array,
  embeddingSize: number,
  module: WebAssembly.Module | null,
): DistanceScan {
  return module === null
    ? new PlainScan(points, embeddingSize)
    : new SimdScan(module, points, embeddingSize);
}
