/** Hit rate at a cut-off. */
import { checkRanking, hitsAtK, type UserMetric } from './metric';

/** HitRate@k = 1 if a relevant item is among the first k, else 0; its mean over users is the share
 *  of users who were served something right (Deshpande and Karypis 2004, section 6.2). */
export const hitRate: UserMetric = {
  name: 'hitRate',
  description: 'The share of users with a held-out item among the first k.',
  per: 'user',
  hasCutoff: true,
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    return hitsAtK(ranked, relevant, k) > 0 ? 1 : 0;
  },
};
