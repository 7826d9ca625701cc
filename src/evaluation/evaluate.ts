/** Measures a model: every protocol and split asked for, every metric, with confidence intervals. */
import { setImmediate } from 'node:timers/promises';
import type { RankingModel } from '../algorithms/algorithm';
import type { Negatives } from '../interactions/negatives';
import { historyBefore, type PreparedSplit, type SplitName } from '../interactions/splits';
import { Bitset } from '../numeric/bitset';
import { PROTOCOLS } from './protocols';
import type { ProtocolName } from './protocols/protocol';
import { EVALUATION_SEED, rankedHead, rankOf, tieStream } from './ranking';
import { batchSize, scoreBatch } from './scoring';
import { type MetricRow, Tally, type UserRanking } from './tally';

export { EVALUATION_SEED } from './ranking';
export { type MetricRow, metricKey } from './tally';

export const CUTOFFS = [5, 10, 20] as const;

export interface EvaluationOptions {
  readonly protocols?: readonly ProtocolName[];
  readonly splits?: readonly SplitName[];
  readonly ks?: readonly number[];
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** 0 to 1 */
  readonly onProgress?: (fraction: number) => void;
  /** For SAMPLED_LAST_ITEM: a published benchmark's own lists. */
  readonly negatives?: Negatives;
}

export interface EvaluationResult {
  /** Empty where nobody has enough interactions to be measured. */
  readonly rows: readonly MetricRow[];
  /** By metricKey, [users] each, in the order of `userIds`: for paired tests. */
  readonly perUser: Readonly<Record<string, Float32Array>>;
  readonly userIds: Int32Array;
}

/** The model never sees the held-out item: on VALIDATION it ranks after the training rows, on TEST after these and the
 *  validation item. Items of the history never compete.
 *  @throws InvalidScoresError, RangeError for a model of another catalogue, AbortError on `signal` (looked at every batch of users) */
export async function evaluate(model: RankingModel, split: PreparedSplit, options: EvaluationOptions = {}): Promise<EvaluationResult> {
  const {
    protocols = ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM'],
    splits = ['VALIDATION', 'TEST'],
    ks = CUTOFFS,
    seed = EVALUATION_SEED,
  } = options;
  if (model.itemCount !== split.full.items.size) {
    throw new RangeError(`The model ranks ${model.itemCount} items, the data have ${split.full.items.size}.`);
  }
  const users = Int32Array.from(split.test.keys()).filter((user) => split.test[user] >= 0);
  const competitions = protocols.map((name) => PROTOCOLS[name].prepare(split, { seed, negatives: options.negatives }));
  const depth = Math.max(...ks);
  const rows: MetricRow[] = [];
  const perUser: Record<string, Float32Array> = {};
  let scored = 0;
  for (const splitName of users.length > 0 ? splits : []) {
    const tallies = protocols.map(() => new Tally(users.length, ks));
    const size = batchSize(model.itemCount);
    for (let from = 0; from < users.length; from += size) {
      options.signal?.throwIfAborted();
      const batch = users.subarray(from, from + size);
      const histories = Array.from(batch, (user) => historyBefore(split, user, splitName));
      const scores = scoreBatch(model, histories);
      for (const [b, user] of batch.entries()) {
        const field = {
          scores: scores.subarray(b * model.itemCount, (b + 1) * model.itemCount),
          seen: Bitset.of(model.itemCount, histories[b].items),
          relevant: (splitName === 'TEST' ? split.test : split.validation)[user],
          stream: tieStream(seed, split.full.users.ids[user]),
        };
        for (const [p, competition] of competitions.entries()) {
          tallies[p].add(from + b, rankUser(field, competition.competitors(user), depth));
        }
      }
      scored += batch.length;
      options.onProgress?.(scored / (users.length * splits.length));
      // Lets an abort or a message come in.
      await setImmediate();
    }
    protocols.forEach((protocol, p) => {
      const measured = tallies[p].rows({ protocol, split: splitName }, model.itemCount, seed);
      rows.push(...measured.rows);
      Object.assign(perUser, measured.perUser);
    });
  }
  return { rows, perUser, userIds: users.map((user) => split.full.users.ids[user]) };
}

interface Field {
  /** [I] */
  readonly scores: Float32Array;
  readonly seen: Bitset;
  /** The held-out item */
  readonly relevant: number;
  readonly stream: number;
}

/** @param competitors null: everything but `seen` */
function rankUser({ scores, seen, relevant, stream }: Field, competitors: Int32Array | null, depth: number): UserRanking {
  if (competitors === null) {
    return { head: rankedHead(scores, depth, stream, seen), relevant, rank: rankOf(scores, relevant, stream, seen) };
  }
  const candidates = Int32Array.of(relevant, ...competitors);
  const among = Float32Array.from(candidates, (item) => scores[item]);
  const head = rankedHead(among, depth, stream).map((position) => candidates[position]);
  return { head, relevant, rank: rankOf(among, 0, stream) };
}
