/** The registry, loaded on first use: it brings TensorFlow.js along, which a server that only answers does without. */
import type { Algorithm, AlgorithmName } from '../algorithms/algorithm';
import { BadUserInputError } from '../errors';

/** @throws BadUserInputError for a name without an implementation */
export function findAlgorithm(name: AlgorithmName): Algorithm {
  const { algorithms } = require('../algorithms/registry') as typeof import('../algorithms/registry');
  const algorithm = algorithms[name];
  if (!algorithm) throw new BadUserInputError('input.algorithm', `There is no algorithm ${name}.`);
  return algorithm;
}

/** @param given what the client sent
 *  @returns all hyperparameters, defaults included
 *  @throws BadUserInputError naming the hyperparameter at fault */
export function completeHyperparameters(algorithm: Algorithm, given: unknown): Record<string, unknown> {
  const parsed = algorithm.hyperparameters.safeParse(given ?? {});
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const [issue] = parsed.error.issues;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const field = ['input', 'hyperparameters', ...path.map(String)].join('.');
  throw new BadUserInputError(field, `${path.length > 0 ? path.map(String).join('.') : 'hyperparameters'}: ${issue.message}`);
}
