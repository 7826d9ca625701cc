/** The registries, loaded on first use: it brings TensorFlow.js along, which a server that only
 *  answers does without. */

import { BadUserInputError } from '../errors';
import type { Algorithm, AlgorithmName } from '../models/algorithm';
import { isTagRecommender, type SystemName } from '../models/systems';
import type { TagRecommender, TagRecommenderName } from '../models/tag-recommender';

/** @throws BadUserInputError for a name without an implementation */
export function findAlgorithm(name: AlgorithmName): Algorithm {
  const { algorithms } = require('../models/registry') as typeof import('../models/registry');
  const algorithm = algorithms[name];
  if (!algorithm) throw new BadUserInputError('input.algorithm', `There is no algorithm ${name}.`);
  return algorithm;
}

/** Without TensorFlow.js.
 *  @throws BadUserInputError for a name without an implementation */
export function findTagRecommender(name: TagRecommenderName): TagRecommender {
  const { tagRecommenders } =
    require('../models/tag-recommenders') as typeof import('../models/tag-recommenders');
  const recommender = tagRecommenders[name];
  if (!recommender) throw new BadUserInputError('input.algorithm', `There is no algorithm ${name}.`);
  return recommender;
}

/** What asking for a training needs to know of a system, whatever it ranks. */
export type Trainable = Pick<Algorithm | TagRecommender, 'name' | 'hyperparameters'>;

/** @throws BadUserInputError for a name without an implementation */
export function findTrainable(name: SystemName): Trainable {
  return isTagRecommender(name) ? findTagRecommender(name) : findAlgorithm(name);
}

/** @param given what the client sent
 *  @returns all hyperparameters, defaults included
 *  @throws BadUserInputError naming the hyperparameter at fault */
export function completeHyperparameters(algorithm: Trainable, given: unknown): Record<string, unknown> {
  const parsed = algorithm.hyperparameters.safeParse(given ?? {});
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const [issue] = parsed.error.issues;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const field = ['input', 'hyperparameters', ...path.map(String)].join('.');
  throw new BadUserInputError(
    field,
    `${path.length > 0 ? path.map(String).join('.') : 'hyperparameters'}: ${issue.message}`,
  );
}
