/** Normalized discounted cumulative gain at a cut-off. */
import { checkRanking, type UserMetric } from './metric';

/** NDCG@k = DCG@k / ideal DCG@k with binary relevance, DCG@k = sum over relevant ranks r <= k of 1
 *  / log2(r + 1) (Järvelin and Kekäläinen 2002, with the discount of Burges et al. 2005, which does
 *  not spare rank 2). The ideal list has min(k, |relevant|) hits at its head. With one relevant
 *  item at rank r <= k: 1 / log2(r + 1). */
export const ndcg = {
  name: 'ndcg',
  schemaName: 'NDCG',
  fieldsAt: [5, 10, 20],
  description: 'Hits among the first k, discounted by 1 / log2(rank + 1) and divided by the ideal sum.',
  per: 'user',
  example: {
    ranked: [7, 1, 8, 2],
    relevant: [7, 8, 9],
    k: 3,
    value: (1 + 1 / 2) / (1 + 1 / Math.log2(3) + 1 / 2),
  },
  compute(ranked, relevant, k) {
    checkRanking(relevant, k);
    let gain = 0;
    for (let i = 0; i < Math.min(k, ranked.length); i++)
      if (relevant.has(ranked[i])) gain += discount(i + 1);
    let ideal = 0;
    for (let rank = 1; rank <= Math.min(k, relevant.size); rank++) ideal += discount(rank);
    return gain / ideal;
  },
} as const satisfies UserMetric;

/** @param rank from 1 */
export function discount(rank: number): number {
  return 1 / Math.log2(rank + 1);
}
