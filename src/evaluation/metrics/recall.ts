/** Recall at a cut-off. */
import { checkRanking, hitsAtK, type UserMetric } from './metric';

/** Recall@k = hits in the first k / number of relevant items (Herlocker et al. 2004, section
 *  4.2.2). With more than k relevant items its maximum is k / |relevant|: it is not divided by
 *  min(k, |relevant|). With one relevant item it is the hit rate. */
export const recall = {
  name: 'recall',
  schemaName: 'RECALL',
  fieldsAt: [5, 10, 20],
  description: 'Share of the held-out items that are among the first k.',
  per: 'user',
  example: { ranked: [7, 1, 8, 2], relevant: [7, 8, 9], k: 3, value: 2 / 3 },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    return hitsAtK(ranked, relevant, k) / relevant.size;
  },
} as const satisfies UserMetric;
