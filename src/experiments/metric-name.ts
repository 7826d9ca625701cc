/** The measurements as the schema and the database name them, and the fields of `Experiment` that
 *  show them. */
import { registerEnumType } from 'type-graphql';
import { METRICS } from '../evaluation/metrics';
import type { MetricName as MeasuredName } from '../evaluation/metrics/metric';

const CUTOFFS = [5, 10, 20] as const;
type Cutoff = (typeof CUTOFFS)[number];

/** Name in `evaluation/` → name in the schema, without its cut-off. */
const AT_CUTOFF = {
  precision: 'PRECISION',
  recall: 'RECALL',
  ndcg: 'NDCG',
  map: 'MEAN_AVERAGE_PRECISION',
  hitRate: 'HIT_RATE',
  coverage: 'COVERAGE',
  gini: 'GINI',
  novelty: 'NOVELTY',
  popularityLift: 'POPULARITY_LIFT',
  recallHead: 'RECALL_HEAD',
  recallMiddle: 'RECALL_MIDDLE',
  recallTail: 'RECALL_TAIL',
} as const satisfies Partial<Record<MeasuredName, string>>;
const WHOLE_RANKING = { mrr: 'MEAN_RECIPROCAL_RANK' } as const satisfies Partial<
  Record<MeasuredName, string>
>;

export type MetricName =
  | `${(typeof AT_CUTOFF)[keyof typeof AT_CUTOFF]}_AT_${Cutoff}`
  | (typeof WHOLE_RANKING)['mrr'];

interface Named {
  readonly name: MetricName;
  readonly measured: MeasuredName;
  readonly k: number;
  readonly description: string;
}

const all: readonly Named[] = [
  ...Object.entries(AT_CUTOFF).flatMap(([measured, name]) =>
    CUTOFFS.map((k) => ({
      name: `${name}_AT_${k}` as const,
      measured: measured as MeasuredName,
      k,
      description: `k = ${k}. ${METRICS[measured as MeasuredName].description}`,
    })),
  ),
  { name: WHOLE_RANKING.mrr, measured: 'mrr', k: 0, description: METRICS.mrr.description },
];

export const MetricName = Object.fromEntries(all.map(({ name }) => [name, name])) as {
  readonly [Name in MetricName]: Name;
};
registerEnumType(MetricName, {
  name: 'MetricName',
  description: 'What is measured.',
  valuesConfig: Object.fromEntries(all.map(({ name, description }) => [name, { description }])) as Record<
    MetricName,
    { description: string }
  >,
});

const byMeasurement = new Map(all.map((named) => [`${named.measured}@${named.k}`, named.name]));
const byName = new Map(all.map((named) => [named.name, named]));

/** @param k 0 for a metric of the whole ranking
 *  @returns undefined for a cut-off that is not stored */
export function metricName(measured: MeasuredName, k: number): MetricName | undefined {
  return byMeasurement.get(`${measured}@${k}`);
}

/** @returns the cut-off, or null for a metric of the whole ranking */
export function cutoffOf(name: MetricName): number | null {
  return byName.get(name)?.k || null;
}

/** @returns what `metricName` was given */
export function measurementOf(name: MetricName): { readonly measured: MeasuredName; readonly k: number } {
  return byName.get(name)!;
}

/** @returns whether it is a mean over users, so that systems can be compared user by user */
export function isPerUser(name: MetricName): boolean {
  const named = byName.get(name);
  return named !== undefined && METRICS[named.measured].per === 'user';
}

export function describeMetric(name: MetricName): string {
  return byName.get(name)?.description ?? '';
}

/** Field of `Experiment` → metric. */
export const METRIC_FIELDS = {
  precisionAt5: 'PRECISION_AT_5',
  precisionAt10: 'PRECISION_AT_10',
  precisionAt20: 'PRECISION_AT_20',
  recallAt5: 'RECALL_AT_5',
  recallAt10: 'RECALL_AT_10',
  recallAt20: 'RECALL_AT_20',
  hitRateAt10: 'HIT_RATE_AT_10',
  ndcgAt5: 'NDCG_AT_5',
  ndcgAt10: 'NDCG_AT_10',
  ndcgAt20: 'NDCG_AT_20',
  meanReciprocalRank: 'MEAN_RECIPROCAL_RANK',
  coverageAt10: 'COVERAGE_AT_10',
  giniAt10: 'GINI_AT_10',
  noveltyAt10: 'NOVELTY_AT_10',
  popularityLiftAt10: 'POPULARITY_LIFT_AT_10',
  recallHeadAt10: 'RECALL_HEAD_AT_10',
  recallMiddleAt10: 'RECALL_MIDDLE_AT_10',
  recallTailAt10: 'RECALL_TAIL_AT_10',
} as const satisfies Record<string, MetricName>;
