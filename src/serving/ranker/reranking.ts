/** Re-ranking of the nearest candidates by criteria besides distance. Everything is in units of
 *  distance:
 *
 *    c_i  = d_i + s ((|n| p_i + f a_i) − max(|n|, f) r_i)          what movie i costs; s = d_last − d_first of the candidates
 *    c′_i = ±√|c_i² − e g_i|                                        with exploration, g_i drawn from Gumbel(0, 1)
 *    next = argmin_i (1 − δ) c′_i − δ min_{j chosen} ‖x_i − x_j‖    maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998)
 *
 *  r, p, a are nearness, popularity (log) and age, each from 0 to 1 over the candidates; n, f, e, δ
 *  novelty, freshness, exploration and diversity. The tower is trained as a softmax over −d², so
 *  the k smallest c′ at e = 1 are k draws without replacement from its distribution of the next
 *  movie (Gumbel-top-k: Kool, van Hoof and Welling, ICML 2019); e is the temperature. */

import { Random } from '../../numeric/random';
import { MAX_NEIGHBOURS } from '../../numeric/scan';

export interface ListOptions {
  /** 0 to 1 */
  readonly diversity: number;
  /** −1 (popular) to 1 (little known) */
  readonly novelty: number;
  /** 0 to 1 */
  readonly freshness: number;
  /** 0 to 1, a temperature */
  readonly exploration: number;
  /** Of the exploration. */
  readonly seed: number;
}

/** The nearest first. */
export const PLAIN: ListOptions = { diversity: 0, novelty: 0, freshness: 0, exploration: 0, seed: 1 };

export function isPlain({ diversity, novelty, freshness, exploration }: ListOptions): boolean {
  return diversity === 0 && novelty === 0 && freshness === 0 && exploration === 0;
}

/** What is known of the candidates, nearest first. */
export interface Candidates {
  /** [n] ascending */
  readonly distances: readonly number[];
  /** [n] how many people rated each */
  readonly ratings: readonly number[];
  /** [n] null where unknown, which counts as the oldest */
  readonly years: readonly (number | null)[];
  /** Euclidean distances to candidate `b`; null where there is no space to measure in, and so no
   *  diversity. */
  readonly distancesTo: ((b: number) => (a: number) => number) | null;
}

/** In this time a movie's freshness halves. */
const HALF_LIFE_YEARS = 10;
const POOL_PER_PLACE = 20;
const SMALLEST_POOL = 200;

/** @returns how many of the nearest compete for k places: none of the options reaches farther */
export function poolSize(k: number): number {
  return Math.min(MAX_NEIGHBOURS, Math.max(SMALLEST_POOL, POOL_PER_PLACE * k));
}

/** @returns [min(k, n)] indices of candidates, best first */
export function rerank(candidates: Candidates, k: number, options: ListOptions): number[] {
  const costs = costsOf(candidates, options);
  if (options.exploration > 0) explore(costs, options);
  const { distancesTo } = candidates;
  if (options.diversity > 0 && distancesTo !== null)
    return marginally(costs, distancesTo, k, options.diversity);
  const order = Array.from(costs.keys()).sort((a, b) => costs[a] - costs[b] || a - b);
  return order.slice(0, k);
}

/** @returns [n] c */
function costsOf(
  { distances, ratings, years }: Candidates,
  { novelty, freshness }: ListOptions,
): Float64Array {
  const costs = Float64Array.from(distances);
  if (novelty === 0 && freshness === 0) return costs;
  const known = unit(ratings.map((count) => Math.log1p(count)));
  const popularity = novelty > 0 ? known : known.map((share) => 1 - share);
  const age = unit(years.map((year) => (year === null ? 0 : -(2 ** ((year - 2000) / HALF_LIFE_YEARS)))));
  const nearness = unit(distances);
  const spread = distances[distances.length - 1] - distances[0];
  const strongest = Math.max(Math.abs(novelty), freshness);
  for (let i = 0; i < costs.length; i++) {
    costs[i] += spread * (Math.abs(novelty) * popularity[i] + freshness * age[i] - strongest * nearness[i]);
  }
  return costs;
}

/** c becomes c′. */
function explore(costs: Float64Array, { exploration, seed }: ListOptions): void {
  const random = new Random(seed);
  for (let i = 0; i < costs.length; i++) {
    const gumbel = -Math.log(-Math.log(Math.max(random.uniform(), Number.MIN_VALUE)));
    const square = costs[i] * Math.abs(costs[i]) - exploration * gumbel;
    costs[i] = Math.sign(square) * Math.sqrt(Math.abs(square));
  }
}

function marginally(
  costs: Float64Array,
  distancesTo: NonNullable<Candidates['distancesTo']>,
  k: number,
  diversity: number,
): number[] {
  const chosen: number[] = [];
  /** [n] distance to the nearest of those chosen */
  const apart = new Float64Array(costs.length);
  const left = Array.from(costs.keys());
  while (chosen.length < k && left.length > 0) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    left.forEach((i, at) => {
      const value = (1 - diversity) * costs[i] - diversity * apart[i];
      if (value < least) {
        best = at;
        least = value;
      }
    });
    const [next] = left.splice(best, 1);
    chosen.push(next);
    const distance = distancesTo(next);
    for (const i of left) apart[i] = chosen.length === 1 ? distance(i) : Math.min(apart[i], distance(i));
  }
  return chosen;
}

/** @returns values moved and stretched to 0 … 1; zeros where all are equal */
function unit(values: readonly number[]): number[] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const width = highest - lowest || 1;
  return values.map((value) => (value - lowest) / width);
}
