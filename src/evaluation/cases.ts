/** Cases: queries with a known answer. What a part of a split asks of a model, for movies and tags
 *  alike; whatever measures goes through them in the same way. */
import { historyBefore, type PreparedSplit, type SplitName } from '../interactions/splits';
import type { Model, QueryOf, Task } from '../models/system';
import { Candidates, type Ties, tieStream } from './ranking';
import { scoredBatches } from './scoring';

export interface Cases<T extends Task> {
  /** [C] external ids of the users, one a case */
  readonly userIds: Int32Array;
  /** Dense indices of the items that compete; null: all of them. */
  readonly candidates: Int32Array | null;
  query(at: number): QueryOf<T>;
  /** Items that never compete: those of the user's history. */
  seen(query: QueryOf<T>): Int32Array;
  /** What is to be found, one or many. */
  relevant(at: number): Int32Array;
  /** The order among equal scores. */
  ties(at: number): Ties;
}

/** @param seed of the order among equal scores */
export function movieCases(split: PreparedSplit, part: SplitName, seed: number): Cases<'MOVIES'> {
  const { users, offsets, relevant, candidates } = split.parts[part];
  const userIds = users.map((user) => split.full.users.ids[user]);
  return {
    userIds,
    candidates,
    query: (at) => historyBefore(split, users[at], part),
    seen: ({ items }) => items,
    relevant: (at) => relevant.subarray(offsets[at], offsets[at + 1]),
    ties: (at) => tieStream(seed, userIds[at]),
  };
}

/** Loads one case after the other into the candidates, for `visit` to rank.
 *  @param numbers of the cases
 *  @returns after each batch, with its size
 *  @throws InvalidScoresError */
export function* rankedCases<T extends Task>(
  model: Model<T>,
  cases: Cases<T>,
  numbers: Int32Array,
  visit: (ranked: Candidates, number: number, query: QueryOf<T>) => void,
): Generator<number, void, void> {
  const ranked = new Candidates(model.itemCount, cases.candidates);
  for (const batch of scoredBatches(model, numbers, (number) => cases.query(number))) {
    for (const { key, query, scores } of batch) {
      ranked.load(scores, cases.seen(query), cases.ties(key));
      visit(ranked, key, query);
    }
    yield batch.length;
  }
}
