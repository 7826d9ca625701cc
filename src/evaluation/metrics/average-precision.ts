/** Average precision at a cut-off; its mean over users is MAP. */
import { checkRanking, type UserMetric } from './metric';

/** AP@k = (sum over relevant ranks r <= k of precision@r) / |relevant| (Manning, Raghavan and
 *  Schütze 2008, eq. 8.8; as trec_eval's map_cut). Relevant items beyond k count as never found:
 *  with more than k of them the maximum is k / |relevant|. */
export const averagePrecision: UserMetric = {
  name: 'map',
  description:
    'The mean, over the held-out items, of the precision at the rank where each is found among the first k.',
  per: 'user',
  hasCutoff: true,
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    let hits = 0;
    let sum = 0;
    for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) sum += ++hits / (i + 1);
    return sum / relevant.size;
  },
};
