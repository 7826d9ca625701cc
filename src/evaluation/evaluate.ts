/** Measures a model: every protocol that fits the split, every part, every metric, with confidence
 *  intervals. */
import { setImmediate } from 'node:timers/promises';
import type { UserHistory } from '../interactions/interaction-log';
import { type Negatives, sampleNegatives } from '../interactions/negatives';
import {
  historyBefore,
  type PreparedSplit,
  SPLIT_NAMES,
  type SplitName,
  type SplitPart,
} from '../interactions/splits';
import { type Model } from '../models/system';
import { type ItemPopularity, itemPopularity } from './item-popularity';
import { CUTOFFS } from './metrics';
import { type AnyProtocolName, PROTOCOLS, type ProtocolName, protocolsOf } from './protocols';
import { Candidates, EVALUATION_SEED, tieStream } from './ranking';
import { scoredBatches } from './scoring';
import { type MetricRow, Tally, type UserRanking } from './tally';

export { EVALUATION_SEED } from './ranking';
export { type MetricRow, metricKey } from './tally';

export interface EvaluationOptions {
  /** All that fit the split, without it */
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

export interface EvaluationResult<Protocol extends AnyProtocolName = ProtocolName> {
  /** Empty where nobody has enough interactions to be measured. */
  readonly rows: readonly MetricRow<Protocol>[];
  /** By metricKey, [users] each, in the order of `userIds[split]`: for paired tests. NaN where a
   *  metric says nothing of a user (recall by popularity group, of a user without such a held-out
   *  item): leave the user out. */
  readonly perUser: Readonly<Record<string, Float32Array>>;
  /** External ids, ascending by dense index. The parts of a split may be of different users. */
  readonly userIds: Readonly<Record<SplitName, Int32Array>>;
}

/** The model never sees what is to be found: on VALIDATION it ranks after the training rows, on
 *  TEST after these and the validation rows (see historyBefore for users and items that are not in
 *  training). Items of the history never compete.
 *  @throws InvalidScoresError, RangeError for a model of another catalogue or a protocol of another
 *    split, AbortError on `signal` (looked at every batch of users) */
export async function evaluate(
  model: Model,
  split: PreparedSplit,
  options: EvaluationOptions = {},
): Promise<EvaluationResult> {
  const { protocols = protocolsOf(split), splits = SPLIT_NAMES, seed = EVALUATION_SEED } = options;
  if (model.itemCount !== split.full.items.size) {
    throw new RangeError(`The model ranks ${model.itemCount} items, the data have ${split.full.items.size}.`);
  }
  const unfit = protocols.find((name) => !PROTOCOLS[name].schemes.includes(split.scheme));
  if (unfit !== undefined) {
    throw new RangeError(
      `${unfit} is measured on a split by ${PROTOCOLS[unfit].schemes.join(' or ')}, this one is by ${split.scheme}.`,
    );
  }
  const negatives = protocols.map((name) => {
    const count = PROTOCOLS[name].negatives;
    return count === undefined ? null : (options.negatives ?? sampleNegatives(split.full, count, seed));
  });
  const popularity = itemPopularity(split.trainingData.interactions);
  const total = splits.reduce((sum, name) => sum + split.parts[name].users.length, 0);
  const rows: MetricRow[] = [];
  const perUser: Record<string, Float32Array> = {};
  let scored = 0;
  for (const splitName of splits) {
    const tallies = await measurePart(
      { model, split, splitName, negatives, popularity, ks: options.ks ?? CUTOFFS, seed },
      (users) => {
        options.signal?.throwIfAborted();
        scored += users;
        if (users > 0) options.onProgress?.(scored / total);
      },
    );
    protocols.forEach((protocol, p) => {
      const measured = tallies[p].rows({ protocol, split: splitName }, seed);
      rows.push(...measured.rows);
      Object.assign(perUser, measured.perUser);
    });
  }
  const idsOf = ({ users }: SplitPart) => users.map((user) => split.full.users.ids[user]);
  return {
    rows,
    perUser,
    userIds: { VALIDATION: idsOf(split.parts.VALIDATION), TEST: idsOf(split.parts.TEST) },
  };
}

interface PartToMeasure {
  readonly model: Model;
  readonly split: PreparedSplit;
  readonly splitName: SplitName;
  /** By protocol, what competes with the held-out items; null: all candidates of the part */
  readonly negatives: readonly (Negatives | null)[];
  readonly popularity: ItemPopularity;
  readonly ks: readonly number[];
  readonly seed: number;
}

/** @param onUsers called before the first batch with 0, and after each with its size; may throw to
 *    stop
 *  @returns one tally a protocol; none where nobody is measured */
async function measurePart(what: PartToMeasure, onUsers: (count: number) => void): Promise<Tally[]> {
  const { model, split, splitName, negatives, popularity, ks, seed } = what;
  const { users, offsets, relevant, candidates } = split.parts[splitName];
  const { itemCount } = model;
  const historyPopularity = new Float64Array(users.length);
  const catalogue = { itemCount: candidates?.length ?? itemCount, popularity, historyPopularity };
  const tallies = negatives.map(() => new Tally(users.length, ks, catalogue));
  const ranked = new Candidates(itemCount, candidates);
  const depth = Math.max(...ks);
  onUsers(0);
  for (const batch of scoredBatches(model, users, (user) => historyBefore(split, user, splitName))) {
    for (const { at, user, history, scores } of batch) {
      const truth = relevant.subarray(offsets[at], offsets[at + 1]);
      ranked.load(scores, history.items, tieStream(seed, split.full.users.ids[user]));
      historyPopularity[at] = meanPopularity(history, popularity);
      negatives.forEach((drawn, n) => {
        const competitors = drawn?.items.subarray(drawn.offsets[user], drawn.offsets[user + 1]);
        tallies[n].add(at, rankUser(ranked, truth, competitors, depth));
      });
    }
    onUsers(batch.length);
    // Lets an abort or a message come in.
    await setImmediate();
  }
  return tallies;
}

/** @param competitors without them: all candidates */
function rankUser(
  ranked: Candidates,
  truth: Int32Array,
  competitors: Int32Array | undefined,
  depth: number,
): UserRanking {
  const relevant = new Set(truth);
  if (competitors !== undefined) return { relevant, ...ranked.among(truth, competitors, depth) };
  return { relevant, head: ranked.head(depth), firstRank: ranked.rankOfFirst(truth) };
}

function meanPopularity({ items }: UserHistory, { counts }: ItemPopularity): number {
  return items.reduce((sum, item) => sum + counts[item], 0) / items.length;
}
