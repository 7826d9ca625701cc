import { BadUserInputError } from '../errors';
import type { AnySystem } from '../models/systems';

/** @param given what the client sent
 *  @returns all hyperparameters, defaults included
 *  @throws BadUserInputError naming the hyperparameter at fault */
export function completeHyperparameters(
  { hyperparameters }: AnySystem,
  given: unknown,
): Record<string, unknown> {
  const parsed = hyperparameters.safeParse(given ?? {});
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const [issue] = parsed.error.issues;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const field = ['input', 'hyperparameters', ...path.map(String)].join('.');
  throw new BadUserInputError(
    field,
    `${path.length > 0 ? path.map(String).join('.') : 'hyperparameters'}: ${issue.message}`,
  );
}
