/** The loops over packed histories in WebAssembly SIMD (source: assembly/packed-rows.ts). What goes
 *  in and what comes out is copied: at 2,500 rows of 64 that is a tenth of the time of what is
 *  computed. The memory of the largest call, at most 4 GiB, is kept for the life of the thread; a
 *  RangeError says when there is not as much. */
import { Layout, loadKernel } from './kernel';
import {
  type BesideInput,
  checkHistories,
  checkRows,
  dropoutLevels,
  type GateInput,
  type PackedRows,
  PlainPackedRows,
  type PoolsInput,
  poolTotals,
  type WeighInput,
} from './packed-rows';
import type { Random } from './random';

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Arguments, sizes first, then addresses, are those of assembly/packed-rows.ts. */
type Loop = (...args: number[]) => number;
interface Kernel extends Readonly<Record<Exclude<keyof PackedRows, 'pools' | 'poolsGradient'>, Loop>> {
  readonly memory: WebAssembly.Memory;
  readonly pool: Loop;
  readonly poolGradient: Loop;
}

/** Draws made at a time: what they fill stays in the processor's cache until it is copied. */
const DRAWS = 16_384;

export class SimdPackedRows implements PackedRows {
  private readonly kernel: Kernel;

  /** @param module compiled assembly/packed-rows.ts */
  constructor(module: WebAssembly.Module) {
    this.kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
  }

  weigh(input: WeighInput): Float32Array {
    const { d, rows } = input;
    const call = new Call();
    const given = placeWeigh(call, input);
    const out = call.output(rows.length * d);
    call.begin(this.kernel.memory);
    this.kernel.weigh(rows.length, d, ...given, out);
    return call.take(out, rows.length * d);
  }

  weighGradient(
    input: WeighInput,
    slope: Float32Array,
  ): { forPoints: Float32Array; forWeights: Float32Array } {
    const { d, rows, points, weights } = input;
    const call = new Call();
    const given = placeWeigh(call, input);
    const above = call.input(slope);
    const [forPoints, forWeights] = [call.zeros(points.length), call.zeros(weights.length)];
    call.begin(this.kernel.memory);
    this.kernel.weighGradient(rows.length, d, ...given, above, forPoints, forWeights);
    return {
      forPoints: call.take(forPoints, points.length),
      forWeights: call.take(forWeights, weights.length),
    };
  }

  pools(input: PoolsInput): Float32Array {
    const { x, d, decays, offsets, power } = input;
    checkHistories(offsets, x.length / d);
    const call = new Call();
    const [values, bounds, sum] = [call.input(x), call.input(offsets), call.scratch(8 * d)];
    const shares = Array.from(decays, (decay) =>
      call.input(poolTotals(input, decay).map((total) => total ** -power)),
    );
    const out = call.output(decays.length * x.length);
    call.begin(this.kernel.memory);
    decays.forEach((decay, p) => {
      this.kernel.pool(
        offsets.length - 1,
        d,
        values,
        bounds,
        decay,
        shares[p],
        sum,
        out + 4 * p * x.length,
      );
    });
    return call.take(out, decays.length * x.length);
  }

  poolsGradient(
    input: PoolsInput,
    output: Float32Array,
    slope: Float32Array,
  ): { forX: Float32Array; forDecays: Float32Array } {
    const { x, d, decays, offsets, power } = input;
    checkHistories(offsets, x.length / d);
    const call = new Call();
    const [bounds, carried] = [call.input(offsets), call.scratch(8 * d)];
    const scales = Array.from(decays, (decay) => {
      const totals = poolTotals(input, decay);
      return [totals, totals.map((total) => total ** -power), totals.map((total) => total ** power)].map(
        (values) => call.input(values),
      );
    });
    const [above, own, forX] = [call.input(slope), call.input(output), call.zeros(x.length)];
    call.begin(this.kernel.memory);
    const forDecays = decays.map((decay, p) => {
      const [totals, shares, raised] = scales[p];
      const at = 4 * p * x.length;
      return this.kernel.poolGradient(
        offsets.length - 1,
        d,
        bounds,
        decay,
        power,
        totals,
        shares,
        raised,
        carried,
        above + at,
        own + at,
        forX,
      );
    });
    return { forX: call.take(forX, x.length), forDecays };
  }

  gate(input: GateInput): Float32Array {
    const { x, d, gates, offsets } = input;
    checkHistories(offsets, x.length / d);
    const call = new Call();
    const values = call.input(x);
    const [doubles, bounds] = [call.input(Float64Array.from(gates)), call.input(offsets)];
    const out = call.output(x.length);
    call.begin(this.kernel.memory);
    this.kernel.gate(offsets.length - 1, d, gates.length / d, values, doubles, bounds, out);
    return call.take(out, x.length);
  }

  gateGradient(input: GateInput, slope: Float32Array): { forX: Float32Array; forGates: Float32Array } {
    const { x, d, gates, offsets } = input;
    checkHistories(offsets, x.length / d);
    const call = new Call();
    const values = call.input(x);
    const [doubles, bounds] = [call.input(Float64Array.from(gates)), call.input(offsets)];
    const [above, forX, forGates] = [call.input(slope), call.output(x.length), call.zeros(gates.length)];
    call.begin(this.kernel.memory);
    this.kernel.gateGradient(
      offsets.length - 1,
      d,
      gates.length / d,
      values,
      doubles,
      bounds,
      above,
      forX,
      forGates,
    );
    return { forX: call.take(forX, x.length), forGates: call.take(forGates, gates.length) };
  }

  besideGradient({ d, places, offsets }: BesideInput, slope: Float32Array): Float32Array {
    checkHistories(offsets, slope.length / (places * d));
    const call = new Call();
    const size = slope.length / places;
    const [above, bounds, out] = [call.input(slope), call.input(offsets), call.zeros(size)];
    call.begin(this.kernel.memory);
    this.kernel.besideGradient(offsets.length - 1, d, places, above, bounds, out);
    return call.take(out, size);
  }

  dropout(mask: Float32Array, rate: number, random: Random): Float32Array {
    const { limit, kept } = dropoutLevels(rate);
    const call = new Call();
    const [state, out] = [call.input(random.state), call.output(2 * DRAWS)];
    const buffer = call.begin(this.kernel.memory);
    const drawn = new Float32Array(buffer, out, 2 * DRAWS);
    for (let at = 0; at < mask.length; at += 2 * DRAWS) {
      const size = Math.min(2 * DRAWS, mask.length - at);
      this.kernel.dropout(Math.ceil(size / 2), state, limit, kept, out);
      mask.set(size < drawn.length ? drawn.subarray(0, size) : drawn, at);
    }
    random.state.set(new Int32Array(buffer, state, 4));
    return mask;
  }
}

/** One call of the kernel: all its arrays are placed first, since memory that grows moves. */
class Call {
  private readonly layout = new Layout();
  private readonly inputs: [address: number, values: Numbers][] = [];
  private readonly cleared: [address: number, bytes: number][] = [];
  private buffer = new ArrayBuffer(0);

  /** @returns the address, as the others do */
  input(values: Numbers): number {
    const at = this.layout.place(values.byteLength);
    this.inputs.push([at, values]);
    return at;
  }

  /** Written in full by the kernel, single precision. */
  output(size: number): number {
    return this.layout.place(4 * size);
  }

  /** Added to by the kernel, single precision. */
  zeros(size: number): number {
    const at = this.output(size);
    this.cleared.push([at, 4 * size]);
    return at;
  }

  scratch(bytes: number): number {
    return this.layout.place(bytes);
  }

  begin(memory: WebAssembly.Memory): ArrayBuffer {
    this.buffer = this.layout.reserve(memory);
    for (const [at, bytes] of this.cleared) new Uint8Array(this.buffer, at, bytes).fill(0);
    for (const [at, values] of this.inputs) {
      const Type = values.constructor as new (buffer: ArrayBuffer, at: number, length: number) => Numbers;
      new Type(this.buffer, at, values.length).set(values);
    }
    return this.buffer;
  }

  /** @returns a copy */
  take(at: number, size: number): Float32Array {
    return new Float32Array(this.buffer, at, size).slice();
  }
}

/** @returns the addresses of points, rows, levels, weights and mask, 0 where there is none */
function placeWeigh(call: Call, input: WeighInput): [number, number, number, number, number] {
  checkRows(input);
  const { points, rows, levels, weights, mask } = input;
  return [
    call.input(points),
    call.input(rows),
    call.input(levels),
    call.input(weights),
    mask === undefined ? 0 : call.input(mask),
  ];
}

let ofThread: PackedRows | undefined;

/** @returns this thread's: SIMD where its kernel is built, else plain */
export function packedRows(): PackedRows {
  if (ofThread === undefined) {
    const module = loadKernel('packed-rows');
    ofThread = module === null ? new PlainPackedRows() : new SimdPackedRows(module);
  }
  return ofThread;
}
