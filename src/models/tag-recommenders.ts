/** The tag recommenders, by name. To add one: its file, its name in tag-recommender.ts, a line
 *  here, and the conformance suite runs it. */
import { pitfTags } from './pitf/tag-recommender';
import { popularTags, popularTagsByItem, popularTagsByUser, popularTagsMix } from './tag-popularity';
import type { TagRecommender, TagRecommenderName } from './tag-recommender';
import { tagTower } from './tag-tower/tag-tower';

/** Hyperparameters come from a system's own schema: parse with `hyperparameters` first, and give
 *  `fit` what that returns. */
export const tagRecommenders: Readonly<Record<TagRecommenderName, TagRecommender>> = {
  POPULAR_TAGS: popularTags as TagRecommender,
  POPULAR_TAGS_BY_USER: popularTagsByUser as TagRecommender,
  POPULAR_TAGS_BY_ITEM: popularTagsByItem as TagRecommender,
  POPULAR_TAGS_MIX: popularTagsMix as TagRecommender,
  PITF_TAGS: pitfTags as TagRecommender,
  TAG_TOWER: tagTower as TagRecommender,
};
