/** Precision at a cut-off. */
import { checkRanking, hitsAtK, type UserMetric } from './metric';

/** Precision@k = hits in the first k / k. A list shorter than k is still divided by k: what is
 *  missing is not a hit (Herlocker et al. 2004, section 4.2.2). With one relevant item it is
 *  recall@k / k. */
export const precision = {
  name: 'precision',
  schemaName: 'PRECISION',
  fieldsAt: [5, 10, 20],
  description: 'Share of the first k items that are held-out items.',
  per: 'user',
  example: { ranked: [7, 1, 8, 2], relevant: [7, 8, 9], k: 3, value: 2 / 3 },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    return hitsAtK(ranked, relevant, k) / k;
  },
} as const satisfies UserMetric;
