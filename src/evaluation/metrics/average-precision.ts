/** Average precision at a cut-off; its mean over users is MAP. */
import { checkRanking, type UserMetric } from './metric';

/** AP@k = (sum over relevant ranks r <= k of precision@r) / |relevant| (Manning, Raghavan and
 *  Schütze 2008, eq. 8.8; as trec_eval's map_cut). Relevant items beyond k count as never found:
 *  with more than k of them the maximum is k / |relevant|. */
export const averagePrecision = {
  name: 'map',
  schemaName: 'MEAN_AVERAGE_PRECISION',
  fieldsAt: [],
  description: 'Mean over held-out items of the precision at their rank, if among the first k.',
  per: 'user',
  example: { ranked: [7, 1, 8, 2], relevant: [7, 8, 9], k: 3, value: (1 / 1 + 2 / 3) / 3 },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    let hits = 0;
    let sum = 0;
    for (let i = 0; i < Math.min(k, ranked.length); i++)
      if (relevant.has(ranked[i])) sum += ++hits / (i + 1);
    return sum / relevant.size;
  },
} as const satisfies UserMetric;
