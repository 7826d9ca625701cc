/** Measures a model: every protocol that fits the split, every part, every metric, with confidence
 *  intervals. */
import { setImmediate } from 'node:timers/promises';
import type { UserHistory } from '../interactions/interaction-log';
import { type Negatives, sampleNegatives } from '../interactions/negatives';
import { type PreparedSplit, SPLIT_NAMES, type SplitName } from '../interactions/splits';
import type { Model, QueryOf, Task } from '../models/system';
import { type Cases, movieCases, rankedCases } from './cases';
import { type ItemPopularity, itemPopularity } from './item-popularity';
import { CUTOFFS } from './metrics';
import { type AnyProtocolName, PROTOCOLS, type ProtocolName, protocolsOf } from './protocols';
import { type Candidates, EVALUATION_SEED } from './ranking';
import { type MetricRow, Tally, type UserRanking } from './tally';

export { EVALUATION_SEED } from './ranking';
export { type MetricRow, metricKey } from './tally';

export interface EvaluationOptions {
  /** All that fit the split, without it */
  readonly protocols?: readonly ProtocolName[] | undefined;
  readonly splits?: readonly SplitName[];
  readonly ks?: readonly number[];
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** 0 to 1 */
  readonly onProgress?: (fraction: number) => void;
  /** For SAMPLED_LAST_ITEM: a published benchmark's own lists. */
  readonly negatives?: Negatives | undefined;
}

export interface EvaluationResult<Protocol extends AnyProtocolName = ProtocolName> {
  /** Empty if no user has enough interactions to be measured. */
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
  const { protocols = protocolsOf(split), seed = EVALUATION_SEED, negatives } = options;
  if (model.itemCount !== split.full.items.size) {
    throw new RangeError(
      `The model ranks ${model.itemCount} items, but the data have ${split.full.items.size}.`,
    );
  }
  const unfit = protocols.find((name) => !PROTOCOLS[name].schemes.includes(split.scheme));
  if (unfit !== undefined) {
    throw new RangeError(
      `${unfit} requires a split by ${PROTOCOLS[unfit].schemes.join(' or ')}, not ${split.scheme}.`,
    );
  }
  const popularity = itemPopularity(split.trainingData.interactions);
  const rankings = protocols.map((protocol) => {
    const count = PROTOCOLS[protocol].negatives;
    const drawn = count === undefined ? undefined : (negatives ?? sampleNegatives(split.full, count, seed));
    const competitors = (part: SplitName, at: number) => {
      const user = split.parts[part].users[at];
      return drawn?.items.subarray(drawn.offsets[user], drawn.offsets[user + 1]);
    };
    return { protocol, competitors };
  });
  return measure(
    model,
    {
      cases: {
        VALIDATION: movieCases(split, 'VALIDATION', seed),
        TEST: movieCases(split, 'TEST', seed),
      },
      popularity,
      historyPopularity: (history) => meanPopularity(history, popularity),
      rankings,
    },
    options,
  );
}

/** What is measured: the cases, and for each protocol what competes with a case's relevant
 *  items. */
export interface EvaluationPlan<T extends Task, Protocol extends AnyProtocolName> {
  readonly cases: Readonly<Record<SplitName, Cases<T>>>;
  readonly popularity: ItemPopularity;
  /** Mean popularity of the items of the query's user; NaN without items. */
  historyPopularity(query: QueryOf<T>): number;
  readonly rankings: readonly {
    readonly protocol: Protocol;
    /** @returns undefined: all candidates */
    competitors(part: SplitName, at: number): Int32Array | undefined;
  }[];
}

/** @throws InvalidScoresError, AbortError on `signal` */
export async function measure<T extends Task, Protocol extends AnyProtocolName>(
  model: Model<T>,
  plan: EvaluationPlan<T, Protocol>,
  options: EvaluationOptions,
): Promise<EvaluationResult<Protocol>> {
  const { splits = SPLIT_NAMES, seed = EVALUATION_SEED, signal, onProgress } = options;
  const total = splits.reduce((sum, part) => sum + plan.cases[part].userIds.length, 0);
  const rows: MetricRow<Protocol>[] = [];
  const perUser: Record<string, Float32Array> = {};
  let measured = 0;
  for (const split of splits) {
    signal?.throwIfAborted();
    const tallies = await measurePart(model, plan, { split, ks: options.ks ?? CUTOFFS }, (cases) => {
      signal?.throwIfAborted();
      measured += cases;
      onProgress?.(measured / total);
    });
    plan.rankings.forEach(({ protocol }, p) => {
      const figures = tallies[p].rows<Protocol>({ protocol, split }, seed);
      rows.push(...figures.rows);
      Object.assign(perUser, figures.perUser);
    });
  }
  const { VALIDATION, TEST } = plan.cases;
  return { rows, perUser, userIds: { VALIDATION: VALIDATION.userIds, TEST: TEST.userIds } };
}

/** @param onBatch called after each batch with its size; may throw to stop
 *  @returns one tally per ranking; none if no user is measured */
async function measurePart<T extends Task>(
  model: Model<T>,
  { cases: all, popularity, historyPopularity, rankings }: EvaluationPlan<T, AnyProtocolName>,
  { split, ks }: { readonly split: SplitName; readonly ks: readonly number[] },
  onBatch: (cases: number) => void,
): Promise<Tally[]> {
  const cases = all[split];
  const { length } = cases.userIds;
  const known = new Float64Array(length);
  const itemCount = cases.candidates?.length ?? model.itemCount;
  const tallies = rankings.map(
    () => new Tally(length, ks, { itemCount, popularity, historyPopularity: known }),
  );
  const depth = Math.max(...ks);
  const numbers = Int32Array.from({ length }, (_, at) => at);
  const batches = rankedCases(model, cases, numbers, (ranked, at, query) => {
    known[at] = historyPopularity(query);
    rankings.forEach(({ competitors }, r) => {
      tallies[r].add(at, rank(ranked, cases.relevant(at), competitors(split, at), depth));
    });
  });
  for (const size of batches) {
    onBatch(size);
    // Lets the event loop process an abort or a message.
    await setImmediate();
  }
  return tallies;
}

/** @param competitors undefined: all candidates */
function rank(
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
