/** The loss of one user's preferences in NITF, and its gradient.
 *
 *    w = p_∅ + Σ_f p_f + |H|^−α Σ_{j in H} p_j,   h_i = Σ_{(g, z) of i} z q_g,   y(u, i, t) = Σ_k w_k h_ik c_tk
 *    loss = Σ over positives i of H and their negatives n: −ln σ(y(u, i, t) − y(u, n, t))
 *
 *  p_∅ belongs to everybody, f runs over what else is known of the user, H over the history without
 *  the positive itself: it must not vote for itself (Kabbur et al., FISM, KDD 2013). c is 1 where
 *  the time is unknown. */
import type { SparseFeatures } from '../metric-tower/forward';

/** Double precision in tests against finite differences, single in training. */
export type Numbers = Float32Array | Float64Array;

export interface NitfFactors {
  /** [I + 1 + demographics, d] p: an item rated, everybody (row I), a demographic fact */
  readonly users: Numbers;
  /** [I + F, d] q: an item's identity, then what items have in common */
  readonly items: Numbers;
  /** [T, d] c */
  readonly times: Numbers;
  readonly d: number;
}

/** One user's preferences. */
export interface Block {
  /** [h] dense item indices, each a positive */
  readonly history: Int32Array;
  /** [h] the item that each positive is preferred to; -1: none */
  readonly negatives: Int32Array;
  /** [h] time bin of each positive; -1: unknown */
  readonly bins: Int32Array;
  /** Rows of `users` that do not depend on the history: everybody's and the demographics' */
  readonly known: readonly number[];
}

/** @returns |H|^−α, 0 for an empty history */
export const historyScale = (length: number, exponent: number): number =>
  length > 0 ? length ** -exponent : 0;

/** Gradients of one block, reused from block to block. */
export class BlockGradient {
  readonly users: SparseRows;
  readonly items: SparseRows;
  readonly times: SparseRows;
  private readonly sum: Float64Array;
  private readonly total: Float64Array;
  private readonly w: Float64Array;
  private readonly difference: Float64Array;

  /** @param features [I] rows of `items` besides the identity, by index of the feature */
  constructor(
    private readonly factors: NitfFactors,
    private readonly features: readonly SparseFeatures[],
    private readonly exponent: number,
  ) {
    const { users, items, times, d } = factors;
    this.users = new SparseRows(users.length / d, d);
    this.items = new SparseRows(items.length / d, d);
    this.times = new SparseRows(times.length / d, d);
    [this.sum, this.total, this.w, this.difference] = Array.from({ length: 4 }, () => new Float64Array(d));
  }

  /** Adds the block's gradient to `users`, `items` and `times`.
   *  @returns its loss */
  add({ history, negatives, bins, known }: Block): number {
    const { sum, total, w, difference, factors, exponent } = this;
    const { users, times, d } = factors;
    const scale = historyScale(history.length - 1, exponent);
    sum.fill(0);
    total.fill(0);
    for (const item of history)
      for (let k = 0, at = item * d; k < d; k++, at++) sum[k] += users[at] * scale;
    for (const row of known) for (let k = 0, at = row * d; k < d; k++, at++) sum[k] += users[at];
    let loss = 0;
    for (let at = 0; at < history.length; at++) {
      const [positive, negative, bin] = [history[at], negatives[at], bins[at]];
      if (negative < 0) continue;
      difference.fill(0);
      this.addItem(positive, 1, difference);
      this.addItem(negative, -1, difference);
      const time = bin * d;
      let x = 0;
      for (let k = 0, own = positive * d; k < d; k++, own++) {
        w[k] = sum[k] - users[own] * scale;
        x += w[k] * difference[k] * (bin < 0 ? 1 : times[time + k]);
      }
      // σ(−x), the size of the mistake; the slope of the loss is its negative
      const slope = -1 / (1 + Math.exp(x));
      loss += x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
      const own = this.users.row(positive);
      const ofTime = bin < 0 ? -1 : this.times.row(bin);
      for (let k = 0; k < d; k++) {
        const c = bin < 0 ? 1 : times[time + k];
        const ofUser = slope * difference[k] * c;
        if (ofTime >= 0) this.times.values[ofTime + k] += slope * w[k] * difference[k];
        total[k] += ofUser;
        this.users.values[own + k] -= scale * ofUser;
        difference[k] = slope * w[k] * c; // from here on: ∂L/∂(h_i − h_n)
      }
      this.spread(positive, 1);
      this.spread(negative, -1);
    }
    for (const item of history) this.users.addTo(item, total, scale);
    for (const row of known) this.users.addTo(row, total, 1);
    return loss;
  }

  /** out += sign · h_item */
  private addItem(item: number, sign: number, out: Float64Array): void {
    const { items, d } = this.factors;
    for (let k = 0, at = item * d; k < d; k++, at++) out[k] += sign * items[at];
    const { columns, weights } = this.features[item];
    for (let n = 0; n < columns.length; n++) {
      const weight = sign * weights[n];
      for (let k = 0, at = (this.features.length + columns[n]) * d; k < d; k++, at++)
        out[k] += weight * items[at];
    }
  }

  private spread(item: number, sign: number): void {
    this.items.addTo(item, this.difference, sign);
    const { columns, weights } = this.features[item];
    for (let n = 0; n < columns.length; n++)
      this.items.addTo(this.features.length + columns[n], this.difference, sign * weights[n]);
  }
}

/** A gradient of few rows of a large table, and the projected step along it. */

export class SparseRows {
  /** [rows, d]; only what `row` has named counts */
  readonly values: Float64Array;
  private readonly touched: Uint8Array;
  private readonly list: number[] = [];

  constructor(
    rows: number,
    private readonly d: number,
  ) {
    this.values = new Float64Array(rows * d);
    this.touched = new Uint8Array(rows);
  }

  /** @returns where the row begins in `values` */
  row(row: number): number {
    if (this.touched[row] === 0) {
      this.touched[row] = 1;
      this.list.push(row);
    }
    return row * this.d;
  }

  /** values[row] += weight · vector */
  addTo(row: number, vector: Float64Array, weight: number): void {
    const at = this.row(row);
    for (let k = 0; k < this.d; k++) this.values[at + k] += weight * vector[k];
  }

  /** Clears the accumulated gradients. */
  clear(): void {
    for (const row of this.list) {
      this.touched[row] = 0;
      this.values.fill(0, row * this.d, (row + 1) * this.d);
    }
    this.list.length = 0;
  }

  /** Adagrad (Duchi et al., JMLR 2011) on the touched rows, then the projection: what falls below 0
   *  becomes 0.
   *  @param table   [rows, d], changed
   *  @param squares [rows, d], the squared gradients so far, changed */
  descend(
    table: Float32Array,
    squares: Float32Array,
    { learningRate, regularization }: ProjectedRates,
  ): void {
    const { values, d } = this;
    for (const row of this.list) {
      for (let at = row * d; at < (row + 1) * d; at++) {
        const gradient = values[at] + regularization * table[at];
        const square = squares[at] + gradient * gradient;
        squares[at] = square;
        const moved = table[at] - (learningRate * gradient) / Math.sqrt(square + 1e-12);
        table[at] = moved < 0 ? 0 : moved;
      }
    }
  }
}

interface ProjectedRates {
  readonly learningRate: number;
  /** λ of the touched rows' squared length, halved */
  readonly regularization: number;
}
