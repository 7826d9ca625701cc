/** What a metric is: one number per user from a ranking (their mean is reported), or one number for
 *  all rankings together. */
import type { ItemPopularity } from '../item-popularity';

export const METRIC_NAMES = [
  'precision',
  'recall',
  'ndcg',
  'map',
  'mrr',
  'hitRate',
  'coverage',
  'gini',
  'novelty',
  'popularityLift',
  'recallHead',
  'recallMiddle',
  'recallTail',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

interface Described {
  readonly name: MetricName;
  /** One sentence, shown in the schema. */
  readonly description: string;
}

/** Averaged over users, with a confidence interval. */
export interface UserMetric extends Described {
  readonly per: 'user';
  /** False: the metric reads the whole ranking, and is reported once, with k = 0. */
  readonly hasCutoff: boolean;
  /** @param ranked     item indices, best first; only the first k count
   *  @param relevant   held-out items of one user, non-empty
   *  @param popularity of the items in training
   *  @returns NaN for a user of whom the metric says nothing: left out of the mean
   *  @throws EmptyTruthError */
  compute(ranked: Int32Array, relevant: ReadonlySet<number>, k: number, popularity: ItemPopularity): number;
}

/** Of all lists together. */
export interface CatalogueMetric extends Described {
  readonly per: 'catalogue';
  compute(lists: readonly Int32Array[], catalogue: Catalogue, k: number): number;
}

/** What lists are drawn from. */
export interface Catalogue {
  /** How many items could have been in a list */
  readonly itemCount: number;
  readonly popularity: ItemPopularity;
  /** [users of the lists] the mean popularity of each one's history; NaN for an empty one */
  readonly historyPopularity: Float64Array;
}

export type Metric = UserMetric | CatalogueMetric;

/** A user with nothing held out cannot be measured: leave such users out, never score them 0. */
export class EmptyTruthError extends Error {
  override readonly name = 'EmptyTruthError';
  constructor() {
    super('A ranking is measured against at least one held-out item.');
  }
}

/** The start of every per-user metric. */
export function checkRanking(relevant: ReadonlySet<number>, k: number): void {
  if (relevant.size === 0) throw new EmptyTruthError();
  if (!(Number.isInteger(k) && k > 0))
    throw new RangeError(`A cut-off is a whole number of 1 or more, not ${k}.`);
}

/** @returns how many of the first k are relevant */
export function hitsAtK(ranked: Int32Array, relevant: ReadonlySet<number>, k: number): number {
  let hits = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) hits++;
  return hits;
}
