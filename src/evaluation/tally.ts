/** Collects what users got under one protocol and split, and makes the reported rows of it. */
import type { SplitName } from '../interactions/splits';
import { bootstrapIntervals } from './bootstrap';
import { METRICS } from './metrics';
import type { CatalogueMetric, MetricName, UserMetric } from './metrics/metric';
import type { ProtocolName } from './protocols/protocol';

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

/** Where a user's held-out item came out. */
export interface UserRanking {
  /** The first items, as many as the largest cut-off wants */
  readonly head: Int32Array;
  readonly relevant: number;
  /** From 1, in the whole ranking */
  readonly rank: number;
}

export function metricKey(row: Pick<MetricRow, 'protocol' | 'split' | 'metric' | 'k'>): string {
  return `${row.protocol}/${row.split}/${row.metric}@${row.k}`;
}

export class Tally {
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

  rows(
    where: Pick<MetricRow, 'protocol' | 'split'>,
    itemCount: number,
    seed: number,
  ): { rows: MetricRow[]; perUser: Record<string, Float32Array> } {
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
