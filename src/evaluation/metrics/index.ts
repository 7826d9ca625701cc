/** The metrics that every experiment is measured by: one metric = one file and a place in METRICS.
 *  The schema, the fields of `Experiment`, tables and files derive from this list. */
import { averagePrecision } from './average-precision';
import { coverage } from './coverage';
import { gini } from './gini';
import { recallHead, recallMiddle, recallTail } from './group-recall';
import { hitRate } from './hit-rate';
import type { Metric } from './metric';
import { ndcg } from './ndcg';
import { novelty } from './novelty';
import { popularityLift } from './popularity-lift';
import { precision } from './precision';
import { recall } from './recall';
import { reciprocalRank } from './reciprocal-rank';

export const CUTOFFS = [5, 10, 20] as const;

const DEFINITIONS = [
  precision,
  recall,
  ndcg,
  averagePrecision,
  reciprocalRank,
  hitRate,
  coverage,
  gini,
  novelty,
  popularityLift,
  recallHead,
  recallMiddle,
  recallTail,
] as const;
type Definition = (typeof DEFINITIONS)[number];

export type MetricName = Definition['name'];
export const METRICS: readonly Metric<MetricName>[] = DEFINITIONS;

/** A metric with its cut-off, as the schema and the database name it: `NDCG_AT_10`. */
export type MeasurementName = {
  [M in Definition as M['name']]: M extends { readonly wholeRanking: true }
    ? M['schemaName']
    : `${M['schemaName']}_AT_${(typeof CUTOFFS)[number]}`;
}[MetricName];

export interface Measurement {
  readonly name: MeasurementName;
  readonly metric: Metric<MetricName>;
  /** 0 for a metric of the whole ranking */
  readonly k: number;
  /** Of the schema's enumeration */
  readonly description: string;
  /** The field of `Experiment` that shows it: `ndcgAt10`; null where there is none */
  readonly field: string | null;
}

/** By metric, those at a cut-off first. */
export const MEASUREMENTS: readonly Measurement[] = METRICS.flatMap((metric) =>
  (metric.wholeRanking ? [0] : CUTOFFS).map((k) => {
    const name = (k === 0 ? metric.schemaName : `${metric.schemaName}_AT_${k}`) as MeasurementName;
    return {
      name,
      metric,
      k,
      description: k === 0 ? metric.description : `k = ${k}. ${metric.description}`,
      field: metric.fieldsAt.includes(k) ? camelCase(name) : null,
    };
  }),
).sort((a, b) => Number(a.k === 0) - Number(b.k === 0));

const byName = new Map(MEASUREMENTS.map((measurement) => [measurement.name, measurement]));
const nameByKey = new Map(MEASUREMENTS.map(({ name, metric, k }) => [`${metric.name}@${k}`, name]));

export function measurementOf(name: MeasurementName): Measurement {
  return byName.get(name)!;
}

/** @param k 0 for a metric of the whole ranking
 *  @returns undefined for a cut-off that is not stored */
export function measurementName(metric: MetricName, k: number): MeasurementName | undefined {
  return nameByKey.get(`${metric}@${k}`);
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
