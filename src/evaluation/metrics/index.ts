/** The metrics that every experiment is measured by. One metric = one file; add it here and the
 *  schema knows it. */
import { averagePrecision } from './average-precision';
import { coverage } from './coverage';
import { gini } from './gini';
import { recallHead, recallMiddle, recallTail } from './group-recall';
import { hitRate } from './hit-rate';
import type { Metric, MetricName } from './metric';
import { ndcg } from './ndcg';
import { novelty } from './novelty';
import { popularityLift } from './popularity-lift';
import { precision } from './precision';
import { recall } from './recall';
import { reciprocalRank } from './reciprocal-rank';

export const METRICS: Readonly<Record<MetricName, Metric>> = {
  precision,
  recall,
  ndcg,
  map: averagePrecision,
  mrr: reciprocalRank,
  hitRate,
  coverage,
  gini,
  novelty,
  popularityLift,
  recallHead,
  recallMiddle,
  recallTail,
};
