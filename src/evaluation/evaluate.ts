/** Measures a model: every protocol and split asked for, every metric, with confidence intervals. */
import { setImmediate } from 'node:timers/promises';
import type { RankingModel } from '../algorithms/algorithm';
import type { Negatives } from '../interactions/negatives';
import { historyBefore, type PreparedSplit, type SplitName } from '../interactions/splits';
import { Bitset } from '../numeric/bitset';
import { splitmix64 } from '../numeric/random';
import { bootstrapIntervals } from './bootstrap';
import { METRICS } from './metrics';
import type { CatalogueMetric, MetricName, UserMetric } from './metrics/metric';
import { PROTOCOLS } from './protocols';
import type { Competition, ProtocolName } from './protocols/protocol';
import { rankedHead, rankOf } from './ranking';
import { batchSize, scoreBatch } from './scoring';

export const CUTOFFS = [5, 10, 20] as const;
/** One for all experiments, whatever seed they trained with: else they would be measured against different candidates. */
export const EVALUATION_SEED = 1;

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

export interface MetricRow {
  readonly protocol: ProtocolName;
  readonly split: SplitName;
  readonly metric: MetricName;
  /** 0 for a metric of the whole ranking */
  readonly k: number;
  readonly mean: number;
  /** 95 %; null for a metric that is no mean over users */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly users: number;
}

export interface EvaluationResult {
  /** Empty where nobody has enough interactions to be measured. */
  readonly rows: readonly MetricRow[];
  /** By metricKey, [users] each, in the order of `userIds`: for paired tests. */
  readonly perUser: Readonly<Record<string, Float32Array>>;
  readonly userIds: Int32Array;
}

export function metricKey(row: Pick<MetricRow, 'protocol' | 'split' | 'metric' | 'k'>): string {
  return `${row.protocol}/${row.split}/${row.metric}@${row.k}`;
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
  const rows: MetricRow[] = [];
  const perUser: Record<string, Float32Array> = {};
  let scored = 0;
  for (const splitName of users.length > 0 ? splits : []) {
    const tallies = protocols.map(() => new Tally(users.length, ks));
    const size = batchSize(model.itemCount);
    for (let from = 0; from < users.length; from += size) {
      options.signal?.throwIfAborted();
      const batch = users.subarray(from, from + size);
      const scores = scoreBatch(
        model,
        Array.from(batch, (user) => historyBefore(split, user, splitName)),
      );
      batch.forEach((user, b) => {
        const row = scores.subarray(b * model.itemCount, (b + 1) * model.itemCount);
        competitions.forEach((competition, p) => tallies[p].add(from + b, rankUser(split, splitName, user, row, competition, ks, seed)));
      });
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

interface UserRanking {
  /** The first max(ks) items */
  readonly head: Int32Array;
  readonly relevant: number;
  /** From 1, in the whole ranking */
  readonly rank: number;
}

function rankUser(
  split: PreparedSplit,
  splitName: SplitName,
  user: number,
  scores: Float32Array,
  competition: Competition,
  ks: readonly number[],
  seed: number,
): UserRanking {
  const relevant = (splitName === 'TEST' ? split.test : split.validation)[user];
  const stream = tieStream(seed, split.full.users.ids[user]);
  const depth = Math.max(...ks);
  const competitors = competition.competitors(user);
  if (competitors === null) {
    const seen = Bitset.of(scores.length, historyBefore(split, user, splitName).items);
    return { head: rankedHead(scores, depth, stream, seen), relevant, rank: rankOf(scores, relevant, stream, seen) };
  }
  const candidates = Int32Array.of(relevant, ...competitors);
  const among = Float32Array.from(candidates, (item) => scores[item]);
  const head = rankedHead(among, depth, stream).map((position) => candidates[position]);
  return { head, relevant, rank: rankOf(among, 0, stream) };
}

/** One integer for a user and a seed: where the random order among equals starts. */
export function tieStream(seed: number, userId: number): number {
  return Number(splitmix64((BigInt(seed) << 32n) ^ BigInt(userId))() & 0xffff_ffffn) | 0;
}

/** Collects what users got under one protocol and split. */
class Tally {
  private readonly columns: { metric: UserMetric; k: number; values: Float32Array }[];
  private readonly heads: Int32Array[];

  constructor(
    users: number,
    private readonly ks: readonly number[],
  ) {
    const metrics = Object.values(METRICS).filter((metric): metric is UserMetric => metric.per === 'user');
    this.columns = metrics.flatMap((metric) => (metric.hasCutoff ? ks : [0]).map((k) => ({ metric, k, values: new Float32Array(users) })));
    this.heads = new Array<Int32Array>(users);
  }

  add(at: number, { head, relevant, rank }: UserRanking): void {
    const truth = new Set([relevant]);
    this.heads[at] = head;
    for (const { metric, k, values } of this.columns) {
      values[at] = metric.hasCutoff ? metric.compute(head, truth, k) : metric.compute(placedAt(rank, relevant), truth, rank);
    }
  }

  rows(where: Pick<MetricRow, 'protocol' | 'split'>, itemCount: number, seed: number): Pick<EvaluationResult, 'rows' | 'perUser'> {
    const users = this.heads.length;
    const intervals = bootstrapIntervals(
      this.columns.map((column) => column.values),
      seed,
    );
    const perUser: Record<string, Float32Array> = {};
    const rows: MetricRow[] = this.columns.map(({ metric, k, values }, c) => {
      const row = { ...where, metric: metric.name, k, mean: mean(values), ciLow: intervals[c].low, ciHigh: intervals[c].high, users };
      perUser[metricKey(row)] = values;
      return row;
    });
    const ofAll = Object.values(METRICS).filter((metric): metric is CatalogueMetric => metric.per === 'catalogue');
    for (const metric of ofAll) {
      for (const k of this.ks) {
        rows.push({ ...where, metric: metric.name, k, mean: metric.compute(this.heads, itemCount, k), ciLow: null, ciHigh: null, users });
      }
    }
    return { rows, perUser };
  }
}

/** The whole ranking as a metric of its one relevant item needs it: who stands before that item does not matter. */
function placedAt(rank: number, item: number): Int32Array {
  const ranked = new Int32Array(rank).fill(-1);
  ranked[rank - 1] = item;
  return ranked;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
