/** Recall of popular, middling and rare items apart: a good mean may hide a system that finds
 *  popular items only. */
import { POPULARITY_GROUPS, type PopularityGroup } from '../item-popularity';
import { checkRanking, type UserMetric } from './metric';

/** Recall@k over the held-out items of one popularity group; users without such an item are
 *  excluded (NaN). Groups by popularity in training: item-popularity.ts (Abdollahpouri et al., UMAP
 *  2021). */
function groupRecall<Group extends PopularityGroup, Name extends string>(
  group: Group,
  name: Name,
  which: string,
) {
  const wanted = POPULARITY_GROUPS.indexOf(group);
  return {
    name,
    schemaName: `RECALL_${group}`,
    fieldsAt: [10],
    description: `Recall of held-out movies that are ${which}, over users with such a movie.`,
    per: 'user',
    // Two of the three relevant items are of the group, and one of these is among the first two.
    example: {
      ranked: [0, 1, 2],
      relevant: [0, 2, 3],
      k: 2,
      groups: [wanted, wanted, wanted, (wanted + 1) % 3],
      value: 1 / 2,
    },
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
  } as const satisfies UserMetric;
}

export const recallHead = groupRecall(
  'HEAD',
  'recallHead',
  'popular (the most rated movies, with 20 % of the training ratings)',
);
export const recallMiddle = groupRecall(
  'MIDDLE',
  'recallMiddle',
  'neither popular nor rare (the middle 60 % of the training ratings)',
);
export const recallTail = groupRecall(
  'TAIL',
  'recallTail',
  'rare (the least rated movies, with 20 % of the training ratings)',
);
