/** Collects what users got under one protocol and split, and makes the reported rows of it. */
import type { SplitName } from '../interactions/splits';
import { bootstrapIntervals } from './bootstrap';
import { METRICS, type MetricName } from './metrics';
import type { Catalogue, CatalogueMetric, UserMetric } from './metrics/metric';
import type { AnyProtocolName, ProtocolName } from './protocols';

export interface MetricRow<Protocol extends AnyProtocolName = ProtocolName> {
  readonly protocol: Protocol;
  readonly split: SplitName;
  readonly metric: MetricName;
  /** 0 for a metric of the whole ranking */
  readonly k: number;
  readonly mean: number;
  /** 95 %; null for a metric that is no mean over users */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Users for whom the metric is defined: fewer than all for recall by popularity group */
  readonly users: number;
}

/** Where a user's held-out items came out. */
export interface UserRanking {
  /** The first items, up to the largest cut-off */
  readonly head: Int32Array;
  readonly relevant: ReadonlySet<number>;
  /** Of the first relevant item: from 1, in the whole ranking */
  readonly firstRank: number;
}

export function metricKey(
  row: Pick<MetricRow<AnyProtocolName>, 'protocol' | 'split' | 'metric' | 'k'>,
): string {
  return `${row.protocol}/${row.split}/${row.metric}@${row.k}`;
}

const isUserMetric = (metric: { per: string }): metric is UserMetric<MetricName> => metric.per === 'user';
const userMetrics = METRICS.filter(isUserMetric);
const catalogueMetrics = METRICS.filter(
  (metric): metric is CatalogueMetric<MetricName> => !isUserMetric(metric),
);

interface Column {
  readonly metric: UserMetric<MetricName>;
  readonly k: number;
  /** [users] NaN where the metric says nothing of a user */
  readonly values: Float32Array;
}

export class Tally {
  private readonly columns: readonly Column[];
  private readonly heads: Int32Array[];
  /** The ranking as a metric of its first relevant item needs it; other positions do not matter. */
  private readonly places: Int32Array;

  /** @param users how many will be added */
  constructor(
    users: number,
    private readonly ks: readonly number[],
    private readonly catalogue: Catalogue,
  ) {
    this.columns = userMetrics.flatMap((metric) =>
      (metric.wholeRanking ? [0] : ks).map((k) => ({ metric, k, values: new Float32Array(users) })),
    );
    this.heads = new Array<Int32Array>(users);
    this.places = new Int32Array(catalogue.popularity.counts.length).fill(-1);
  }

  add(at: number, { head, relevant, firstRank }: UserRanking): void {
    const { popularity } = this.catalogue;
    this.heads[at] = head;
    for (const { metric, k, values } of this.columns) {
      values[at] = metric.wholeRanking
        ? this.ofFirst(metric, relevant, firstRank)
        : metric.compute(head, relevant, k, popularity);
    }
  }

  rows<Protocol extends AnyProtocolName>(
    where: Pick<MetricRow<Protocol>, 'protocol' | 'split'>,
    seed: number,
  ): { rows: MetricRow<Protocol>[]; perUser: Record<string, Float32Array> } {
    const perUser: Record<string, Float32Array> = {};
    const rows: MetricRow<Protocol>[] = [];
    if (this.heads.length === 0) return { rows, perUser };
    for (const columns of byUsersMeasured(this.columns)) {
      const measured = columns.map(({ values }) => values.filter((value) => !Number.isNaN(value)));
      const users = measured[0].length;
      if (users === 0) continue;
      const intervals = bootstrapIntervals(measured, seed);
      columns.forEach(({ metric, k, values }, c) => {
        const { low: ciLow, high: ciHigh } = intervals[c];
        const row: MetricRow<Protocol> = {
          ...where,
          metric: metric.name,
          k,
          mean: mean(measured[c]),
          ciLow,
          ciHigh,
          users,
        };
        perUser[metricKey(row)] = values;
        rows.push(row);
      });
    }
    const users = this.heads.length;
    for (const metric of catalogueMetrics) {
      for (const k of this.ks) {
        const value = metric.compute(this.heads, this.catalogue, k);
        if (Number.isFinite(value))
          rows.push({ ...where, metric: metric.name, k, mean: value, ciLow: null, ciHigh: null, users });
      }
    }
    return { rows, perUser };
  }

  private ofFirst(metric: UserMetric, relevant: ReadonlySet<number>, rank: number): number {
    const [first] = relevant;
    this.places[rank - 1] = first;
    const value = metric.compute(this.places, relevant, rank, this.catalogue.popularity);
    this.places[rank - 1] = -1;
    return value;
  }
}

/** Columns defined for the same users share their resamples. */
function byUsersMeasured(columns: readonly Column[]): Column[][] {
  const groups = new Map<string, Column[]>();
  for (const column of columns) {
    const key = column.values.some(Number.isNaN) ? column.metric.name : '';
    const group = groups.get(key);
    if (group) group.push(column);
    else groups.set(key, [column]);
  }
  return [...groups.values()];
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
