/** Reciprocal rank; its mean over users is MRR. */
import { checkRanking, type UserMetric } from './metric';

/** RR = 1 / rank of the first relevant item, over the whole ranking (Voorhees 1999); 0 when none is
 *  ranked. */
export const reciprocalRank: UserMetric = {
  name: 'mrr',
  description: 'The mean over users of 1 / rank of the first held-out item, in the whole ranking (k = 0).',
  per: 'user',
  hasCutoff: false,
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) return 1 / (i + 1);
    return 0;
  },
};
