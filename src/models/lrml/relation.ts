/** The latent relation of a user and an item (Tay et al., WWW 2018, section 3.2): what they have in
 *  common asks a memory of N slots,
 *
 *    s = p ⊙ q,   a = softmax(K s),   r = Mᵀ a      p, q, s, r: [d], K, M: [N, d], a: [N]
 *
 *  with the gradient of a loss of r, by hand: g = ∂L/∂r gives
 *
 *    ∂L/∂M_n = a_n g,   δ_n = a_n (g · M_n − Σ a_m g · M_m),   ∂L/∂K_n = δ_n s,   ∂L/∂s = Kᵀ δ,   ∂L/∂p += ∂L/∂s ⊙ q,  ∂L/∂q += ∂L/∂s ⊙ p
 */
import type { Numbers } from '../impostors';

export class Relation {
  readonly slots: number;
  /** [N] a */
  readonly attention: Float64Array;
  /** [d] r */
  readonly vector: Float64Array;
  /** [N] δ of the last `differentiate` */
  private readonly deltas: Float64Array;
  /** [d] s of the last `attend` */
  private readonly common: Float64Array;

  /** @param keys     [N, d] row-major K
   *  @param memories [N, d] row-major M */
  constructor(
    readonly keys: Numbers,
    readonly memories: Numbers,
    private readonly d: number,
  ) {
    this.slots = keys.length / d;
    this.attention = new Float64Array(this.slots);
    this.vector = new Float64Array(d);
    this.deltas = new Float64Array(this.slots);
    this.common = new Float64Array(d);
  }

  /** Sets `attention` and `vector`.
   *  @param user, item arrays that hold p and q from `u` and `q` on */
  attend(user: Numbers, u: number, item: Numbers, q: number): void {
    const { keys, memories, d, slots, attention, vector, common } = this;
    for (let k = 0; k < d; k++) common[k] = user[u + k] * item[q + k];
    for (let n = 0; n < slots; n++) {
      let logit = 0;
      for (let k = 0; k < d; k++) logit += keys[n * d + k] * common[k];
      attention[n] = logit;
    }
    softmaxInPlace(attention);
    vector.fill(0);
    for (let n = 0; n < slots; n++) {
      const share = attention[n];
      for (let k = 0; k < d; k++) vector[k] += share * memories[n * d + k];
    }
  }

  /** Adds the part of the gradient that runs through the attention, for the user and the item of
   *  the last `attend`.
   *  @param g [d] ∂L/∂r */
  differentiate(
    g: Float64Array,
    user: Numbers,
    u: number,
    item: Numbers,
    q: number,
    out: { user: Float64Array; item: Float64Array },
  ): void {
    const { keys, memories, d, slots, attention, deltas } = this;
    let mean = 0;
    for (let n = 0; n < slots; n++) {
      let product = 0;
      for (let k = 0; k < d; k++) product += g[k] * memories[n * d + k];
      deltas[n] = product;
      mean += attention[n] * product;
    }
    for (let n = 0; n < slots; n++) deltas[n] = attention[n] * (deltas[n] - mean);
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let n = 0; n < slots; n++) sum += deltas[n] * keys[n * d + k];
      out.user[k] += sum * item[q + k];
      out.item[k] += sum * user[u + k];
    }
  }

  /** Adds the gradient of keys and memories, after `differentiate`.
   *  @param g [d] ∂L/∂r */
  accumulate(g: Float64Array, out: { keys: Float64Array; memories: Float64Array }): void {
    const { d, slots, attention, deltas, common } = this;
    for (let n = 0; n < slots; n++) {
      const share = attention[n];
      const delta = deltas[n];
      for (let k = 0; k < d; k++) {
        out.memories[n * d + k] += share * g[k];
        out.keys[n * d + k] += delta * common[k];
      }
    }
  }
}

export function softmaxInPlace(values: Float64Array): void {
  let largest = -Infinity;
  for (let n = 0; n < values.length; n++) if (values[n] > largest) largest = values[n];
  let sum = 0;
  for (let n = 0; n < values.length; n++) {
    values[n] = Math.exp(values[n] - largest);
    sum += values[n];
  }
  for (let n = 0; n < values.length; n++) values[n] /= sum;
}
