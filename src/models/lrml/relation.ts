/** The latent relation of a user and an item (Tay et al., WWW 2018, section 3.2): what they have in
 *  common asks a memory of N slots,
 *
 *    s = p ⊙ q,   a = softmax(K s),   r = Mᵀ a      p, q, s, r: [d], K, M: [N, d], a: [N]
 *
 *  with the gradient of a loss of r, by hand: g = ∂L/∂r gives
 *
 *    ∂L/∂M_n = a_n g,   δ_n = a_n (g · M_n − Σ a_m g · M_m),   ∂L/∂K_n = δ_n s,   ∂L/∂s = Kᵀ δ,   ∂L/∂p += ∂L/∂s ⊙ q,  ∂L/∂q += ∂L/∂s ⊙ p
 */

import { innerProducts } from '../../numeric/inner-products';
import type { Numbers } from '../unit-ball';

/** [array, position of the first of d values] */
type Place = readonly [Numbers, number];

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
    [user, u]: Place,
    [item, q]: Place,
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

function softmaxInPlace(values: Float64Array): void {
  let largest = -Infinity;
  for (let n = 0; n < values.length; n++) if (values[n] > largest) largest = values[n];
  let sum = 0;
  for (let n = 0; n < values.length; n++) {
    values[n] = Math.exp(values[n] - largest);
    sum += values[n];
  }
  for (let n = 0; n < values.length; n++) values[n] /= sum;
}

/** LRML's loss for a user p, an item q that the user has, and an item j that the user has not:
 *
 *    L = [m + ‖p + r − q‖² − ‖p + r − j‖²]₊      (Tay et al., WWW 2018, eq. 6 and 7)
 *
 *  r is the relation of p and q in both distances, as in the authors' code; the ranking gives each
 *  item its own. */

interface LrmlGradient {
  /** [d] each, overwritten */
  readonly user: Float64Array;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
  /** [d] ∂L/∂r */
  readonly relation: Float64Array;
}

export const lrmlGradient = (d: number): LrmlGradient => ({
  user: new Float64Array(d),
  positive: new Float64Array(d),
  negative: new Float64Array(d),
  relation: new Float64Array(d),
});

interface LrmlPair {
  readonly user: Place;
  readonly positive: Place;
  readonly negative: Place;
}

/** The gradient where the hinge is open; `relation` has attended to this user and positive item. */
export function differentiatePair(
  { user, positive, negative }: LrmlPair,
  relation: Relation,
  out: LrmlGradient,
): void {
  const [[us, u], [ps, p], [ns, n]] = [user, positive, negative];
  const r = relation.vector;
  for (let k = 0; k < r.length; k++) {
    const query = us[u + k] + r[k];
    const i = ps[p + k];
    const j = ns[n + k];
    const both = 2 * (j - i);
    out.user[k] = both;
    out.relation[k] = both;
    out.positive[k] = 2 * (i - query);
    out.negative[k] = 2 * (query - j);
  }
  relation.differentiate(out.relation, user, positive, { user: out.user, item: out.positive });
}

export interface LearnedLrml {
  /** [I, d] in the unit ball */
  readonly items: Float32Array;
  /** [N, d] */
  readonly keys: Float32Array;
  /** [N, d] */
  readonly memories: Float32Array;
  readonly d: number;
}

/** Distances of a user to all items, each by its own relation, with what does not depend on the
 *  user computed once:
 *
 *    ‖p + r − q‖² = ‖p − q‖² + 2 Σ a_n (p · M_n − q · M_n) + aᵀ (M Mᵀ) a,   logits K (p ⊙ q) = (K ⊙ p) q      O(I N (d + N)) a user
 */

export class RelationalRanking {
  private readonly itemCount: number;
  private readonly slots: number;
  /** [I] ‖q‖² */
  private readonly squares: Float64Array;
  /** [N][I] q · M_n */
  private readonly products: readonly Float32Array[];
  /** [N, N] M Mᵀ */
  private readonly gram: Float64Array;
  /** [N][I] scratch */
  private readonly logits: readonly Float32Array[];

  constructor(private readonly learned: LearnedLrml) {
    const { items, memories, d } = learned;
    this.itemCount = items.length / d;
    this.slots = memories.length / d;
    this.squares = new Float64Array(this.itemCount);
    for (let at = 0; at < items.length; at++) this.squares[Math.floor(at / d)] += items[at] ** 2;
    const rows = Array.from({ length: this.slots }, (_, n) =>
      Float64Array.from(memories.subarray(n * d, (n + 1) * d)),
    );
    this.products = rows.map((row) => {
      const own = new Float32Array(this.itemCount);
      innerProducts(row, items, own);
      return own;
    });
    this.logits = rows.map(() => new Float32Array(this.itemCount));
    this.gram = Float64Array.from(
      rows.flatMap((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * b[k], 0))),
    );
  }

  /** @param point [d] p
   *  @param out   [I], overwritten with −‖p + r − q‖² */
  score(point: Float32Array, out: Float32Array): void {
    const { itemCount, slots, squares, products, gram, logits, learned } = this;
    const { items, keys, memories, d } = learned;
    innerProducts(Float64Array.from(point), items, out);
    let square = 0;
    for (let k = 0; k < d; k++) square += point[k] * point[k];
    const userProducts = new Float64Array(slots);
    for (let n = 0; n < slots; n++) {
      innerProducts(
        Float64Array.from(point, (x, k) => x * keys[n * d + k]),
        items,
        logits[n],
      );
      for (let k = 0; k < d; k++) userProducts[n] += point[k] * memories[n * d + k];
    }
    const attention = new Float64Array(slots);
    for (let item = 0; item < itemCount; item++) {
      for (let n = 0; n < slots; n++) attention[n] = logits[n][item];
      softmaxInPlace(attention);
      let distance = square - 2 * out[item] + squares[item];
      for (let n = 0; n < slots; n++) {
        let inner = 0;
        for (let m = 0; m < slots; m++) inner += gram[n * slots + m] * attention[m];
        distance += attention[n] * (inner + 2 * (userProducts[n] - products[n][item]));
      }
      out[item] = -distance;
    }
  }
}
