/** Reciprocal rank; its mean over users is MRR. */
import { checkRanking, type UserMetric } from './metric';

/** RR = 1 / rank of the first relevant item, over the whole ranking (Voorhees 1999); 0 when none is
 *  ranked. */
export const reciprocalRank = {
  name: 'mrr',
  schemaName: 'MEAN_RECIPROCAL_RANK',
  fieldsAt: [0],
  description: 'Mean over users of 1 / rank of the first held-out item in the whole ranking.',
  per: 'user',
  wholeRanking: true,
  example: { ranked: [1, 7, 8, 2], relevant: [7, 8, 9], k: 4, value: 1 / 2 },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) return 1 / (i + 1);
    return 0;
  },
} as const satisfies UserMetric;
