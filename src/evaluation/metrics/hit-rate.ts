/** Hit rate at a cut-off. */
import { checkRanking, hitsAtK, type UserMetric } from './metric';

/** HitRate@k = 1 if a relevant item is among the first k, else 0; its mean over users is the share
 *  of users who were served something right (Deshpande and Karypis 2004, section 6.2). */
export const hitRate = {
  name: 'hitRate',
  schemaName: 'HIT_RATE',
  fieldsAt: [10],
  description: 'Share of users with a held-out item among the first k.',
  per: 'user',
  example: { ranked: [7, 1, 8, 2], relevant: [7, 8, 9], k: 1, value: 1 },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    return hitsAtK(ranked, relevant, k) > 0 ? 1 : 0;
  },
} as const satisfies UserMetric;
