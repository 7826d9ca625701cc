/** Draws items by popularity to a power, and says how likely each was to be drawn (for the
 *  softmax's log-Q correction). */
import type { Random } from '../../numeric/random';

export class NegativeSampler {
  /** [I] running sum of the weights */
  private readonly cumulative: Float64Array;

  /** @param counts [I] interactions of each item; an item without one counts as one, so that
   *    features alone get pushed too
   *  @param exponent 0 uniform, 1 popularity */
  constructor(counts: ArrayLike<number>, exponent: number) {
    let total = 0;
    this.cumulative = Float64Array.from(counts, (count) => {
      total += Math.max(1, count) ** exponent;
      return total;
    });
  }

  /** `draws` draws with replacement, repeated items dropped.
   *  @returns `items` [k ≤ draws] distinct, and `logQ` [k], the log of the probability of being
   *    among them: log(1 − (1 − q)^draws) */
  draw(draws: number, random: Random): { items: Int32Array; logQ: Float32Array } {
    const drawn = new Set<number>();
    for (let n = 0; n < draws; n++) drawn.add(this.find(random.uniform()));
    const items = Int32Array.from(drawn);
    return {
      items,
      logQ: Float32Array.from(items, (item) =>
        Math.log(-Math.expm1(draws * Math.log1p(-this.probability(item)))),
      ),
    };
  }

  private probability(item: number): number {
    const { cumulative } = this;
    const weight = cumulative[item] - (item > 0 ? cumulative[item - 1] : 0);
    return Math.min(weight / cumulative[cumulative.length - 1], 1 - 1e-12);
  }

  private find(uniform: number): number {
    const { cumulative } = this;
    const wanted = uniform * cumulative[cumulative.length - 1];
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
