/** What a metric is: one number per user from a ranking (their mean is reported), or one number for
 *  all rankings together. */
import { AppError } from '../../errors';
import type { ItemPopularity } from '../item-popularity';

interface Described<Name extends string> {
  /** As results are keyed: `ndcg@10` */
  readonly name: Name;
  /** In the GraphQL schema and the database, where the cut-off follows: `NDCG` gives `NDCG_AT_5` */
  readonly schemaName: string;
  /** Cut-offs at which it is a field of `Experiment` as well (`ndcgAt5`); 0: the whole ranking */
  readonly fieldsAt: readonly number[];
  /** It has no cut-off, and is reported once, with k = 0. */
  readonly wholeRanking?: true;
  /** One sentence, shown in the schema. */
  readonly description: string;
}

/** Averaged over users, with a confidence interval. */
export interface UserMetric<Name extends string = string> extends Described<Name> {
  readonly per: 'user';
  /** A value worked by hand; a test holds the metric to it. */
  readonly example: {
    readonly ranked: readonly number[];
    readonly relevant: readonly number[];
    readonly k: number;
    readonly value: number;
    /** Popularity of the items, where the metric reads it */
    readonly counts?: readonly number[];
    readonly groups?: readonly number[];
    readonly users?: number;
  };
  /** @param ranked     item indices, best first; only the first k count
   *  @param relevant   held-out items of one user, non-empty
   *  @param popularity of the items in training
   *  @returns NaN for a user for whom the metric is undefined: excluded from the mean
   *  @throws EmptyTruthError */
  compute(ranked: Int32Array, relevant: ReadonlySet<number>, k: number, popularity: ItemPopularity): number;
}

/** Of all lists together, at every cut-off; it has no mean over users and no interval. */
export interface CatalogueMetric<Name extends string = string> extends Described<Name> {
  readonly per: 'catalogue';
  /** A value worked by hand; a test holds the metric to it. */
  readonly example: {
    readonly lists: readonly (readonly number[])[];
    readonly k: number;
    readonly value: number;
    /** Interactions with each item of the catalogue */
    readonly counts: readonly number[];
    readonly historyPopularity?: readonly number[];
  };
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

export type Metric<Name extends string = string> = UserMetric<Name> | CatalogueMetric<Name>;

/** A user with nothing held out cannot be measured: leave such users out, never score them 0. */
export class EmptyTruthError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
  constructor() {
    super('A ranking requires at least one held-out item.');
  }
}

/** The start of every per-user metric. */
export function checkRanking(relevant: ReadonlySet<number>, k: number): void {
  if (relevant.size === 0) throw new EmptyTruthError();
  if (!(Number.isInteger(k) && k > 0))
    throw new RangeError(`A cut-off must be a whole number of 1 or more, not ${k}.`);
}

/** @returns how many of the first k are relevant */
export function hitsAtK(ranked: Int32Array, relevant: ReadonlySet<number>, k: number): number {
  let hits = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) hits++;
  return hits;
}
