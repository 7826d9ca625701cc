/** Normalized discounted cumulative gain at a cut-off. */
import { checkRanking, type UserMetric } from './metric';

/** NDCG@k = DCG@k / ideal DCG@k with binary relevance, DCG@k = sum over relevant ranks r <= k of 1
 *  / log2(r + 1) (Järvelin and Kekäläinen 2002, with the discount of Burges et al. 2005, which does
 *  not spare rank 2). The ideal list has min(k, |relevant|) hits at its head. With one relevant
 *  item at rank r <= k: 1 / log2(r + 1). */
export const ndcg: UserMetric = {
  name: 'ndcg',
  description: 'Hits among the first k, each discounted by 1 / log2(rank + 1), over the best possible sum.',
  per: 'user',
  hasCutoff: true,
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    let gain = 0;
    for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i])) gain += discount(i + 1);
    let ideal = 0;
    for (let rank = 1; rank <= Math.min(k, relevant.size); rank++) ideal += discount(rank);
    return gain / ideal;
  },
};

/** @param rank from 1 */
export function discount(rank: number): number {
  return 1 / Math.log2(rank + 1);
}
