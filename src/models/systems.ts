/** All that can be trained, by name: what ranks movies (registry.ts) and what ranks tags
 *  (tag-recommenders.ts). */
import { ALGORITHM_NAMES, type AlgorithmName } from './algorithm';
import { TAG_RECOMMENDER_NAMES, type TagRecommenderName } from './tag-recommender';

export const TASKS = ['MOVIES', 'TAGS'] as const;
/** What a system ranks. */
export type Task = (typeof TASKS)[number];

export const SYSTEM_NAMES = [...ALGORITHM_NAMES, ...TAG_RECOMMENDER_NAMES] as const;
export type SystemName = AlgorithmName | TagRecommenderName;

const TAG_NAMES: ReadonlySet<string> = new Set(TAG_RECOMMENDER_NAMES);

export function isTagRecommender(name: SystemName): name is TagRecommenderName {
  return TAG_NAMES.has(name);
}

export function taskOf(name: SystemName): Task {
  return isTagRecommender(name) ? 'TAGS' : 'MOVIES';
}
