/** The distance scan in WebAssembly SIMD (source: assembly/scan.ts): single precision throughout, some 4 to 6 times the plain twin.
 *  The points live in the instance's own memory, so two scans share nothing and one is dropped as a whole. */
import type { Bitset } from './bitset';
import { checkQuery, type DistanceScan, MAX_NEIGHBOURS, type Neighbours, PlainScan, rowCount } from './scan';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  nearest(
    points: number,
    count: number,
    width: number,
    query: number,
    skip: number,
    k: number,
    outDistances: number,
    outRows: number,
  ): number;
  countNearer(points: number, count: number, width: number, query: number, limit: number): number;
}

/** Floats that the kernel takes at a time: rows are padded to a multiple of it. */
const LANES = 16;
const PAGE_BYTES = 65_536;
/** The lowest addresses stay free: 0 is the kernel's "no skip set". */
const BASE = 1_024;

export class SimdScan implements DistanceScan {
  readonly count: number;
  private readonly kernel: Kernel;
  private readonly width: number;
  /** Views into the memory, which never grows after the constructor. */
  private readonly query: Float32Array;
  private readonly skip: Uint32Array;
  private readonly outDistances: Float32Array;
  private readonly outRows: Int32Array;
  private readonly pointsAt: number;

  /** @param module compiled assembly/scan.ts
   *  @param points [I, d] row-major; copied
   *  @throws RangeError when there is not as much memory */
  constructor(
    module: WebAssembly.Module,
    points: Float32Array,
    readonly embeddingSize: number,
  ) {
    this.count = rowCount(points, embeddingSize);
    this.width = Math.ceil(embeddingSize / LANES) * LANES;
    this.kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
    const queryAt = BASE;
    const skipAt = align(queryAt + 4 * this.width);
    const distancesAt = align(skipAt + 4 * ((this.count + 31) >>> 5));
    const rowsAt = distancesAt + 4 * MAX_NEIGHBOURS;
    this.pointsAt = rowsAt + 4 * MAX_NEIGHBOURS;
    const end = this.pointsAt + 4 * this.width * this.count;
    const { memory } = this.kernel;
    memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES)));
    const { buffer } = memory;
    this.query = new Float32Array(buffer, queryAt, this.width);
    this.skip = new Uint32Array(buffer, skipAt, (this.count + 31) >>> 5);
    this.outDistances = new Float32Array(buffer, distancesAt, MAX_NEIGHBOURS);
    this.outRows = new Int32Array(buffer, rowsAt, MAX_NEIGHBOURS);
    const padded = new Float32Array(buffer, this.pointsAt, this.width * this.count);
    for (let row = 0; row < this.count; row++) {
      padded.set(points.subarray(row * embeddingSize, (row + 1) * embeddingSize), row * this.width);
    }
  }

  nearest(query: Float32Array, k: number, skip: Bitset | null = null): Neighbours {
    checkQuery(this, query, k, skip);
    if (k === 0) return { rows: new Int32Array(0), distances: new Float64Array(0) };
    this.query.set(query);
    if (skip !== null) this.skip.set(skip.words);
    const found = this.kernel.nearest(
      this.pointsAt,
      this.count,
      this.width,
      this.query.byteOffset,
      skip === null ? 0 : this.skip.byteOffset,
      k,
      this.outDistances.byteOffset,
      this.outRows.byteOffset,
    );
    const distances = new Float64Array(found);
    for (let i = 0; i < found; i++) distances[i] = Math.sqrt(this.outDistances[i]);
    return { rows: this.outRows.slice(0, found), distances };
  }

  countNearer(query: Float32Array, distance: number): number {
    checkQuery(this, query, 0, null);
    this.query.set(query);
    return this.kernel.countNearer(this.pointsAt, this.count, this.width, this.query.byteOffset, Math.fround(distance * distance));
  }
}

function align(address: number): number {
  return (address + 15) & ~15;
}

/** @param module the compiled kernel, or null where there is none */
export function createScan(points: Float32Array, embeddingSize: number, module: WebAssembly.Module | null): DistanceScan {
  return module === null ? new PlainScan(points, embeddingSize) : new SimdScan(module, points, embeddingSize);
}
