/** Novelty: how much of a surprise the list is. */
import { checkRanking, type UserMetric } from './metric';

/** Novelty@k = mean over the first k of −log2 p(i), p(i) = users who interacted with i in training
 *  / users (mean self-information: Zhou et al., PNAS 2010; Castells, Hurley and Vargas 2015). In
 *  bits. An item without interactions counts as if it had one: its surprise would be infinite. NaN
 *  (excluded) for an empty list. */
export const novelty = {
  name: 'novelty',
  schemaName: 'NOVELTY',
  fieldsAt: [10],
  description:
    'Mean of −log2 of the share of users who rated each of the first k (bits; higher is less known).',
  per: 'user',
  example: { ranked: [0, 1], relevant: [2], k: 2, counts: [200, 50, 0], users: 200, value: (0 + 2) / 2 },
  compute(ranked, relevant, k, { counts, users }) {
    checkRanking(relevant, k);
    const length = Math.min(k, ranked.length);
    let sum = 0;
    for (let i = 0; i < length; i++) sum += Math.log2(users / Math.max(1, counts[ranked[i]]));
    return sum / length;
  },
} as const satisfies UserMetric;
