/** Distances of a user to all items, each by its own relation, with what does not depend on the
 *  user computed once:
 *
 *    ‖p + r − q‖² = ‖p − q‖² + 2 Σ a_n (p · M_n − q · M_n) + aᵀ (M Mᵀ) a,   logits K (p ⊙ q) = (K ⊙ p) q      O(I N (d + N)) a user
 */
import { innerProducts } from '../../numeric/inner-products';
import type { LearnedLrml } from './fold-in';
import { softmaxInPlace } from './relation';

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
