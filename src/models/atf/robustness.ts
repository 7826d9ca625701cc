/** How much of a ranking survives when the item factors are moved: by chance, and in the direction
 *  that hurts most.
 *
 *  The worst case is the one of He et al. (SIGIR 2018, section 2.2): each item's factor is moved by
 *  ε along the gradient that the BPR loss of the given histories has there, Γ_i = Σ_u ∓σ(−x) z_u,
 *  with as many sampled pairs a user as the history has items. An item is moved once for everybody.
 *  The users' own vectors are found on the unmoved items. */
import type { UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type Model } from '../system';

/** A model that ranks by z · h_i + b_i. */
export interface FactorRanking extends Model {
  /** [I, d] row-major */
  readonly itemFactors: Float32Array;
  /** [I] */
  readonly itemBiases: Float32Array;
  /** @returns [d] z */
  queryOf(history: UserHistory): Float64Array;
}

type Direction = 'RANDOM' | 'WORST_CASE';

interface Perturbation {
  readonly direction: Direction;
  /** ε, the length by which each item's factor is moved; in units of the factors */
  readonly epsilon: number;
  readonly seed: number;
}

/** @param histories what the worst case is computed from, usually those of training
 *  @returns [I, d] rows of length ε; zeros for an item whose gradient is zero */
export function itemPerturbation(
  model: FactorRanking,
  histories: readonly UserHistory[],
  given: Perturbation,
): Float32Array {
  const random = new Random(given.seed);
  const d = model.itemFactors.length / model.itemCount;
  const directions =
    given.direction === 'RANDOM'
      ? Float64Array.from(model.itemFactors, () => random.normal())
      : lossGradient(model, histories, random);
  const rows = new Float32Array(directions.length);
  for (let at = 0; at < rows.length; at += d) {
    const length = Math.hypot(...directions.subarray(at, at + d));
    for (let k = at; k < at + d && length > 0; k++) rows[k] = (given.epsilon * directions[k]) / length;
  }
  return rows;
}

/** @returns [I, d] gradient of the summed BPR loss */
function lossGradient(
  model: FactorRanking,
  histories: readonly UserHistory[],
  random: Random,
): Float64Array {
  const { itemFactors, itemBiases, itemCount } = model;
  const d = itemFactors.length / itemCount;
  const gradient = new Float64Array(itemFactors.length);
  for (const history of histories) {
    const rated = new Set(history.items);
    if (rated.size >= itemCount) continue;
    const z = model.queryOf(history);
    for (const positive of history.items) {
      let negative = random.integerBelow(itemCount);
      while (rated.has(negative)) negative = random.integerBelow(itemCount);
      const [i, j] = [positive * d, negative * d];
      let x = itemBiases[positive] - itemBiases[negative];
      for (let k = 0; k < d; k++) x += z[k] * (itemFactors[i + k] - itemFactors[j + k]);
      const mistake = 1 / (1 + Math.exp(x));
      for (let k = 0; k < d; k++) {
        gradient[i + k] -= mistake * z[k];
        gradient[j + k] += mistake * z[k];
      }
    }
  }
  return gradient;
}

/** The model with its item factors moved, to be measured like any other; it is not meant to be
 *  stored: `save` gives the unmoved one. */
export function perturbed(
  model: FactorRanking,
  histories: readonly UserHistory[],
  given: Perturbation,
): Model {
  const moves = itemPerturbation(model, histories, given);
  const items = model.itemFactors.map((value, at) => value + moves[at]);
  const { itemCount, itemBiases } = model;
  return {
    name: model.name,
    space: null,
    itemCount,
    save: () => model.save(),
    score(asked) {
      const scores = new Float32Array(asked.length * itemCount);
      asked.forEach((history, b) => {
        const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
        innerProducts(model.queryOf(history), items, own);
        for (let item = 0; item < itemCount; item++) own[item] += itemBiases[item];
      });
      return scores;
    },
  };
}

interface Robustness {
  readonly epsilon: number;
  /** `measure` of the model with its items moved at random, and in the worst direction */
  readonly random: number;
  readonly worstCase: number;
}

/** @param measure accuracy of a model, NDCG@20 on held-out items say
 *  @returns the accuracy as it is, and for each ε */
export function measureRobustness(
  model: FactorRanking,
  histories: readonly UserHistory[],
  measure: (model: Model) => number,
  { epsilons, seed }: { readonly epsilons: readonly number[]; readonly seed: number },
): { readonly clean: number; readonly perturbed: readonly Robustness[] } {
  const under = (direction: Direction, epsilon: number) =>
    measure(perturbed(model, histories, { direction, epsilon, seed }));
  return {
    clean: measure(model),
    perturbed: epsilons.map((epsilon) => ({
      epsilon,
      random: under('RANDOM', epsilon),
      worstCase: under('WORST_CASE', epsilon),
    })),
  };
}
