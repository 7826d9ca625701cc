/** Recall of popular, middling and rare items apart: a good mean may hide a system that only finds
 *  what everybody knows. */
import { POPULARITY_GROUPS, type PopularityGroup } from '../item-popularity';
import { checkRanking, type MetricName, type UserMetric } from './metric';

/** Recall@k over the held-out items of one popularity group; users without such an item are left
 *  out (NaN). Groups by popularity in training: item-popularity.ts (Abdollahpouri et al., UMAP
 *  2021). */
function groupRecall(name: MetricName, group: PopularityGroup, which: string): UserMetric {
  const wanted = POPULARITY_GROUPS.indexOf(group);
  return {
    name,
    description: `Recall of held-out movies among the ${which}; of users who have such a movie held out.`,
    per: 'user',
    hasCutoff: true,
    compute(ranked, relevant, k, { groups }) {
      checkRanking(relevant, k);
      let size = 0;
      for (const item of relevant) if (groups[item] === wanted) size++;
      if (size === 0) return Number.NaN;
      let hits = 0;
      for (let i = 0; i < Math.min(k, ranked.length); i++)
        if (groups[ranked[i]] === wanted && relevant.has(ranked[i])) hits++;
      return hits / size;
    },
  };
}

export const recallHead = groupRecall(
  'recallHead',
  'HEAD',
  'few most popular that make the first 20 % of the training ratings',
);
export const recallMiddle = groupRecall(
  'recallMiddle',
  'MIDDLE',
  'ones between head and tail (60 % of the training ratings)',
);
export const recallTail = groupRecall(
  'recallTail',
  'TAIL',
  'many least popular that make the last 20 % of the training ratings',
);
