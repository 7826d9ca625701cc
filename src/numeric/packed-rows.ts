/** The inner loops of the metric tower over packed histories: rows of d numbers, history after
 *  history, history s at offsets[s] .. offsets[s + 1]. No value depends on a later row or on
 *  another history. The forward pass (models/metric-tower/forward.ts) uses the same functions for
 *  one history; `packed-rows-simd.ts` is `PlainPackedRows` in WebAssembly, to the last bit.
 *  Functions over histories throw a RangeError when these do not cover the N rows, and `weigh` when
 *  a row or a level does not exist. */
import type { Random } from './random';

/** Training sums in single precision what serving sums in double. */
export type Numbers = Float32Array | Float64Array;

export interface WeighInput {
  /** [R, d] */
  readonly points: Float32Array;
  readonly d: number;
  /** [N] of `points` */
  readonly rows: Int32Array;
  /** [N] of `weights` */
  readonly levels: Uint8Array;
  /** [L] */
  readonly weights: Float32Array;
  /** [N, d]; all ones when absent */
  readonly mask?: Float32Array | undefined;
}

export interface PoolsInput {
  /** [N, d] */
  readonly x: Float32Array;
  readonly d: number;
  /** [P] γ in (0, 1] */
  readonly decays: Float32Array;
  /** [S + 1] */
  readonly offsets: Int32Array;
  /** a: 1 for means, 0 for sums */
  readonly power: number;
}

export interface GateInput {
  /** [N, d] */
  readonly x: Float32Array;
  readonly d: number;
  /** [K, d] */
  readonly gates: Float32Array;
  /** [S + 1] */
  readonly offsets: Int32Array;
}

export interface BesideInput {
  readonly d: number;
  /** M */
  readonly places: number;
  /** [S + 1] */
  readonly offsets: Int32Array;
}

export interface PackedRows {
  /** @returns [N, d] mask_j ⊙ w(level_j) · point(row_j) */
  weigh(input: WeighInput): Float32Array;
  /** @param slope [N, d] @returns the gradient in points [R, d] and weights [L] */
  weighGradient(
    input: WeighInput,
    slope: Float32Array,
  ): { forPoints: Float32Array; forWeights: Float32Array };
  /** out_p,t = S_t / Z_t^a,  S_t = x_t + γ S_(t−1),  Z_t = 1 + γ Z_(t−1). @returns [P, N, d] */
  pools(input: PoolsInput): Float32Array;
  /** With G_t = ∂L/∂S_t = slope_t / Z_t^a + γ G_(t+1), and H_t likewise for Z:  ∂L/∂γ = Σ_t (G_t
   *  S_(t−1) + H_t Z_(t−1)).
   *  @param output [P, N, d] of `pools` @param slope [P, N, d] @returns the gradient in x [N, d]
   *    and decays [P] */
  poolsGradient(
    input: PoolsInput,
    output: Float32Array,
    slope: Float32Array,
  ): { forX: Float32Array; forDecays: Float32Array };
  /** A gate per place and dimension, the newest being place 0: out_t = Σ_(j < K) a_j ⊙ x_(t−j).
   *  @returns [N, d] */
  gate(input: GateInput): Float32Array;
  /** @param slope [N, d] @returns the gradient in x [N, d] and gates [K, d] */
  gateGradient(input: GateInput, slope: Float32Array): { forX: Float32Array; forGates: Float32Array };
  /** The gradient of `copyPlaces` at every position. @param slope [N, M · d] @returns [N, d] */
  besideGradient(input: BesideInput, slope: Float32Array): Float32Array;
  /** Fills a mask: 0 with the rate's probability, met to 1/65,536, else 1 / (1 − rate).
   *  @param rate 0 to below 1 @returns its argument */
  dropout(mask: Float32Array, rate: number, random: Random): Float32Array;
}

/** @throws RangeError when the histories do not cover the n rows consecutively */
export function checkHistories(offsets: Int32Array, n: number): void {
  const whole = offsets[0] === 0 && offsets[offsets.length - 1] === n;
  if (!whole || offsets.some((at, s) => s > 0 && at < offsets[s - 1]))
    throw new RangeError(`The histories must cover ${n} rows in order.`);
}

/** @throws RangeError for a row of no point or a level of no weight */
export function checkRows({ points, d, rows, levels, weights }: WeighInput): void {
  const size = points.length / d;
  for (let j = 0; j < rows.length; j++) {
    if (!(rows[j] >= 0 && rows[j] < size))
      throw new RangeError(`row ${rows[j]} is out of range [0, ${size})`);
    if (!(levels[j] < weights.length))
      throw new RangeError(`level ${levels[j]} is out of range [0, ${weights.length})`);
  }
}

/** out_j = w(level_j) · point(row_j). @param out [N, d] @returns out */
export function weighRows<Out extends Numbers>(out: Out, input: WeighInput): Out {
  const { points, d, rows, levels, weights } = input;
  for (let j = 0; j < rows.length; j++) {
    const own = weights[levels[j]];
    for (let k = 0, at = j * d, from = rows[j] * d; k < d; k++, at++, from++) out[at] = own * points[from];
  }
  return out;
}

/** One step of a pool: S_t = x_t + γ S_(t−1).
 *  @param sum [d] S, changed @param at where x_t begins */
export function addToPool(sum: Numbers, decay: number, x: Numbers, at: number): void {
  const d = sum.length;
  for (let k = 0; k < d; k++) sum[k] = decay * sum[k] + x[at + k];
}

/** Z_n of a pool: the weight of n ratings. */
function poolTotal(decay: number, n: number): number {
  let total = 0;
  for (let t = 0; t < n; t++) total = decay * total + 1;
  return total;
}

/** @returns Z_n^−(1 − growth), which a sum over n ratings is multiplied by; 1 without a rating */
export function poolShare(decay: number, n: number, growth: number): number {
  return Math.max(1, poolTotal(decay, n)) ** (growth - 1);
}

/** Z_t of a pool at each position. @returns [N] */
export function poolTotals({ offsets }: PoolsInput, decay: number): Float64Array {
  const totals = new Float64Array(offsets[offsets.length - 1]);
  for (let s = 0; s + 1 < offsets.length; s++) {
    for (let t = offsets[s], total = 0; t < offsets[s + 1]; t++) {
      total = decay * total + 1;
      totals[t] = total;
    }
  }
  return totals;
}

/** Where the newest and the oldest row of a history begin that count. */
interface Span {
  readonly newest: number;
  readonly oldest: number;
}

/** out += Σ_j a_j ⊙ x_(t−j), the newest row being place 0. @param out [d] @param gates [K, d] */
export function addGatedPlaces(
  out: Numbers,
  gates: Float32Array,
  x: Numbers,
  { newest, oldest }: Span,
): void {
  const d = out.length;
  for (let gate = 0, at = newest; gate < gates.length && at >= oldest; gate += d, at -= d) {
    for (let k = 0; k < d; k++) out[k] += gates[gate + k] * x[at + k];
  }
}

/** out = [x_t, x_(t−1), …, x_(t−M+1)]; places before the oldest row are left as they are.
 *  @param out [M · d] */
export function copyPlaces(
  out: Numbers,
  x: Numbers,
  { d, newest, oldest }: Span & { readonly d: number },
): void {
  for (let to = 0, at = newest; to < out.length && at >= oldest; to += d, at -= d)
    out.set(x.subarray(at, at + d), to);
}

/** The pools after the last rating of each history alone, summed in single precision.
 *  @returns output [P, S, d], and Z [P, S], at least 1 */
export function finalPools(input: PoolsInput): { output: Float32Array; totals: Float64Array } {
  const { x, d, decays, offsets, power } = input;
  const size = offsets.length - 1;
  const output = new Float32Array(decays.length * size * d);
  const totals = new Float64Array(decays.length * size);
  for (let row = 0; row < totals.length; row++) {
    const s = row % size;
    const decay = decays[(row - s) / size];
    const pool = output.subarray(row * d, (row + 1) * d);
    for (let t = offsets[s]; t < offsets[s + 1]; t++) addToPool(pool, decay, x, t * d);
    totals[row] = Math.max(1, poolTotal(decay, offsets[s + 1] - offsets[s]));
    for (let k = 0; k < d; k++) pool[k] *= totals[row] ** -power;
  }
  return { output, totals };
}

/** With a = 1 − e:  ∂out/∂x_t = γ^age / Z^a,  ∂out/∂γ = Σ age γ^(age−1) (x_t / Z^a − a out / Z).
 *  @param final of `finalPools` @param slope [P, S, d] @returns the gradient in x [N, d] and decays
 *    [P] */
export function finalPoolsGradient(
  { x, d, decays, offsets, power }: PoolsInput,
  { output, totals }: { output: Float32Array; totals: Float64Array },
  slope: Float32Array,
): { forX: Float32Array; forDecays: Float32Array } {
  const size = offsets.length - 1;
  const forX = new Float32Array(x.length);
  const forDecays = decays.map((decay, p) => {
    let forDecay = 0;
    for (let s = 0, at = p * size * d; s < size; s++, at += d) {
      const total = totals[p * size + s];
      const share = total ** -power;
      const decline = power / total;
      for (let t = offsets[s + 1] - 1, age = 0, weight = 1; t >= offsets[s]; t--, age++, weight *= decay) {
        let along = 0;
        for (let k = 0, value = t * d; k < d; k++, value++) {
          forX[value] += weight * share * slope[at + k];
          along += slope[at + k] * (share * x[value] - decline * output[at + k]);
        }
        forDecay += (age * weight * along) / decay;
      }
    }
    return forDecay;
  });
  return { forX, forDecays };
}

/** A draw of 16 bits below the limit hides; what stays is scaled. */
export function dropoutLevels(rate: number): { limit: number; kept: number } {
  const limit = Math.round(rate * 2 ** 16);
  return { limit, kept: 1 / (1 - limit / 2 ** 16) };
}

/** The plain twin: portable JavaScript. Loops without callbacks: half the time. */
export class PlainPackedRows implements PackedRows {
  weigh(input: WeighInput): Float32Array {
    checkRows(input);
    return masked(weighRows(new Float32Array(input.rows.length * input.d), input), input.mask);
  }

  weighGradient(
    input: WeighInput,
    slope: Float32Array,
  ): { forPoints: Float32Array; forWeights: Float32Array } {
    checkRows(input);
    const { points, d, rows, levels, weights, mask } = input;
    const shown = masked(slope, mask);
    const forPoints = new Float32Array(points.length);
    const forWeights = new Float32Array(weights.length);
    for (let j = 0; j < rows.length; j++) {
      const own = weights[levels[j]];
      let along = 0;
      for (let k = 0, at = j * d, to = rows[j] * d; k < d; k++, at++, to++) {
        forPoints[to] += shown[at] * own;
        along += shown[at] * points[to];
      }
      forWeights[levels[j]] += along;
    }
    return { forPoints, forWeights };
  }

  pools(input: PoolsInput): Float32Array {
    const { x, d, decays, offsets, power } = input;
    const n = x.length / d;
    checkHistories(offsets, n);
    const sum = new Float64Array(d);
    const output = new Float32Array(decays.length * n * d);
    for (let p = 0; p < decays.length; p++) {
      const decay = decays[p];
      const totals = poolTotals(input, decay);
      for (let s = 0; s + 1 < offsets.length; s++) {
        sum.fill(0);
        for (let t = offsets[s]; t < offsets[s + 1]; t++) {
          const share = totals[t] ** -power;
          const out = (p * n + t) * d;
          addToPool(sum, decay, x, t * d);
          for (let k = 0; k < d; k++) output[out + k] = sum[k] * share;
        }
      }
    }
    return output;
  }

  poolsGradient(
    input: PoolsInput,
    output: Float32Array,
    slope: Float32Array,
  ): { forX: Float32Array; forDecays: Float32Array } {
    checkHistories(input.offsets, input.x.length / input.d);
    const forX = new Float32Array(input.x.length);
    const forDecays = input.decays.map((_, p) => poolGradient(input, p, { output, slope, forX }));
    return { forX, forDecays };
  }

  gate({ x, d, gates, offsets }: GateInput): Float32Array {
    checkHistories(offsets, x.length / d);
    const sum = new Float64Array(d);
    const out = new Float32Array(x.length);
    for (let s = 0; s + 1 < offsets.length; s++) {
      for (let t = offsets[s]; t < offsets[s + 1]; t++) {
        addGatedPlaces(sum.fill(0), gates, x, { newest: t * d, oldest: offsets[s] * d });
        out.set(sum, t * d);
      }
    }
    return out;
  }

  gateGradient(
    { x, d, gates, offsets }: GateInput,
    slope: Float32Array,
  ): { forX: Float32Array; forGates: Float32Array } {
    checkHistories(offsets, x.length / d);
    const places = gates.length / d;
    const forX = new Float32Array(x.length);
    const forGates = new Float32Array(gates.length);
    for (let s = 0; s + 1 < offsets.length; s++) {
      const end = offsets[s + 1];
      for (let t = offsets[s]; t < end; t++) {
        // Seen from the rating that is read: it counts at its own place and at those of the next K
        // − 1 positions.
        const reach = Math.min(places, end - t);
        for (let k = 0, at = t * d; k < d; k++, at++) {
          const known = x[at];
          let sum = 0;
          for (let place = 0; place < reach; place++) {
            const above = slope[at + place * d];
            sum += above * gates[place * d + k];
            forGates[place * d + k] += above * known;
          }
          forX[at] = sum;
        }
      }
    }
    return { forX, forGates };
  }

  besideGradient({ d, places, offsets }: BesideInput, slope: Float32Array): Float32Array {
    checkHistories(offsets, slope.length / (places * d));
    const forX = new Float32Array(slope.length / places);
    for (let s = 0; s + 1 < offsets.length; s++) {
      for (let t = offsets[s]; t < offsets[s + 1]; t++) {
        const reach = Math.min(places, offsets[s + 1] - t);
        // Place by place, so that memory is read in order: four times as fast as dimension by
        // dimension.
        for (let place = 0; place < reach; place++) {
          const from = ((t + place) * places + place) * d;
          for (let k = 0, at = t * d; k < d; k++, at++) forX[at] += slope[from + k];
        }
      }
    }
    return forX;
  }

  dropout(mask: Float32Array, rate: number, random: Random): Float32Array {
    const { limit, kept } = dropoutLevels(rate);
    const drawn = random.fill(new Uint32Array(Math.ceil(mask.length / 2)));
    // The sign says whether a draw is below the limit. A branch, which nothing can predict, takes
    // twice the time.
    for (let at = 0, n = 0; at < drawn.length; at++, n += 2) {
      mask[n] = kept * ((limit - 1 - (drawn[at] >>> 16)) >>> 31);
      // past the end of an odd mask: ignored
      mask[n + 1] = kept * ((limit - 1 - (drawn[at] & 0xffff)) >>> 31);
    }
    return mask;
  }
}

interface PoolSlopes {
  /** [P, N, d] */
  readonly output: Float32Array;
  /** [P, N, d] */
  readonly slope: Float32Array;
  /** [N, d], added to */
  readonly forX: Float32Array;
}

/** @returns the gradient in the decay of pool p */
function poolGradient(input: PoolsInput, p: number, { output, slope, forX }: PoolSlopes): number {
  const { d, offsets, power } = input;
  const decay = input.decays[p];
  const n = input.x.length / d;
  const totals = poolTotals(input, decay);
  const carried = new Float64Array(d);
  let forDecay = 0;
  for (let s = 0; s + 1 < offsets.length; s++) {
    const from = offsets[s];
    carried.fill(0);
    let carriedTotal = 0;
    for (let t = offsets[s + 1] - 1; t >= from; t--) {
      const share = totals[t] ** -power;
      const earlier = t > from ? d : 0; // the position before, or any when it does not count
      const [at, out] = [t * d, (p * n + t) * d];
      let forTotal = 0;
      let along = 0;
      for (let k = 0; k < d; k++) {
        const above = slope[out + k];
        const whole = above * share + decay * carried[k];
        carried[k] = whole;
        forX[at + k] += whole;
        forTotal -= above * output[out + k];
        along += whole * output[out + k - earlier];
      }
      carriedTotal = (power * forTotal) / totals[t] + decay * carriedTotal;
      if (t > from) forDecay += along * totals[t - 1] ** power + carriedTotal * totals[t - 1];
    }
  }
  return forDecay;
}

function masked(values: Float32Array, mask: Float32Array | undefined): Float32Array {
  if (mask === undefined) return values;
  const out = new Float32Array(values.length);
  for (let at = 0; at < out.length; at++) out[at] = values[at] * mask[at];
  return out;
}
