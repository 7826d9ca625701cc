/** The contract of tag recommenders: which tags would this user put on this item? One system = one
 *  file; tag-recommenders.ts lists them. */
import type { ZodType } from 'zod';
import type { TagLog } from '../interactions/interaction-log';
import type { Vocabulary } from '../interactions/vocabulary';
import { type FitContext, UnfitDataError } from './algorithm';
import type { Artifact } from './artifact';
import type { TagIds } from './tag-tower/tag-ids';
import type { TagSpace } from './tag-tower/tag-space';

export const TAG_RECOMMENDER_NAMES = [
  'POPULAR_TAGS',
  'POPULAR_TAGS_BY_USER',
  'POPULAR_TAGS_BY_ITEM',
  'POPULAR_TAGS_MIX',
  'PITF_TAGS',
  'TAG_TOWER',
] as const;
export type TagRecommenderName = (typeof TAG_RECOMMENDER_NAMES)[number];

/** The taggings to learn from, and the users and items that their dense indices are of. */
export interface TagTrainingData {
  readonly taggings: TagLog;
  readonly users: Vocabulary;
  readonly items: Vocabulary;
}

/** @returns what a model of these data keeps, so that it can be asked by id */
export function tagIdsOf({ users, items, taggings }: TagTrainingData): TagIds {
  return { users: users.ids, items: items.ids, tags: taggings.tags.ids };
}

/** Dense indices of the training data; -1 for someone or something not in it. */
export interface TagPair {
  readonly user: number;
  readonly item: number;
}

export type TagFitContext = Pick<FitContext, 'seed' | 'signal' | 'onProgress' | 'onEpoch'> & {
  /** Higher is better. Systems that train in epochs keep their best by it; without it they train to
   *  the end. */
  readonly validate?: (model: TagModel) => number;
};

export interface TagRecommender<Hyperparameters = unknown> {
  readonly name: TagRecommenderName;
  /** One sentence and the source. */
  readonly description: string;
  /** Every field has a default and a description; unknown names and impossible values are
   *  refused. */
  readonly hyperparameters: ZodType<Hyperparameters>;
  /** @throws UnfitDataError (no taggings, an index outside the vocabularies),
   *    TrainingDivergedError, AbortError on `context.signal` */
  fit(data: TagTrainingData, hyperparameters: Hyperparameters, context: TagFitContext): Promise<TagModel>;
  /** Reads back what `model.save()` gave. @throws CorruptArtifactError */
  load(artifact: Artifact): TagModel;
}

/** Scores all tags for pairs; the tag vocabulary is the one of the training data. */
export interface TagModel {
  readonly name: TagRecommenderName;
  readonly tagCount: number;
  /** What the dense indices stand for; kept in the artifact. */
  readonly ids: TagIds;
  /** @returns [pairs, T] row-major; higher ranks first; finite always. Tags that the pair already
   *    has are scored like others. */
  score(pairs: readonly TagPair[]): Float32Array;
  /** The space behind the scores: they differ from minus the squared distance by a number that all
   *  tags of a pair share. Null without one. */
  readonly space: TagSpace | null;
  save(): Artifact;
}

/** @throws UnfitDataError */
export function assertTagFit({ taggings, users, items }: TagTrainingData): void {
  const { tags, userIndex, itemIndex, tagIndex } = taggings;
  if (tagIndex.length === 0)
    throw new UnfitDataError('Nobody has tagged anything: there is nothing to learn from.');
  if (userIndex.length !== tagIndex.length || itemIndex.length !== tagIndex.length) {
    throw new UnfitDataError('The columns of the tag log do not fit together.');
  }
  for (let row = 0; row < tagIndex.length; row++) {
    if (!(tagIndex[row] >= 0 && tagIndex[row] < tags.size))
      throw new UnfitDataError(`Row ${row} names a tag outside the vocabulary.`);
    if (!(userIndex[row] >= -1 && userIndex[row] < users.size))
      throw new UnfitDataError(`Row ${row} names a user outside the vocabulary.`);
    if (!(itemIndex[row] >= -1 && itemIndex[row] < items.size))
      throw new UnfitDataError(`Row ${row} names an item outside the vocabulary.`);
  }
}
