/** A search as it was asked for → the trainings of its first rung, all checked before anything is
 *  queued. Pure. */
import { BadUserInputError } from '../../errors';
import type { AnySystem } from '../../models/systems';
import { completeHyperparameters } from '../hyperparameters';
import { withBudget } from './budget';
import { halvingRungs, type Rung, randomRungs } from './rungs';
import { samplePoints } from './sampling';
import { parseSpace } from './space';
import type { SearchStrategy } from './strategies';

export const MOST_TRIALS = 100;

export interface SearchRequest {
  /** See space.ts */
  readonly space: unknown;
  readonly strategy: SearchStrategy;
  /** How many points are drawn; fewer in a space that has fewer */
  readonly trials: number;
  readonly seed: number;
}

export interface SearchPlan {
  readonly rungs: readonly Rung[];
  /** Complete hyperparameters of each training of the first rung, in the order of the points */
  readonly first: readonly Record<string, unknown>[];
}

/** @param fixed what of the hyperparameters is not searched
 *  @throws BadUserInputError naming the parameter of the space, or the field of the search */
export function planSearch(
  algorithm: AnySystem,
  fixed: unknown,
  { space: given, strategy, trials, seed }: SearchRequest,
): SearchPlan {
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= MOST_TRIALS)) {
    throw new BadUserInputError(
      'input.search.trials',
      `trials must be from 1 to ${MOST_TRIALS}; got ${trials}.`,
    );
  }
  const base = completeHyperparameters(algorithm, fixed);
  const space = parseSpace(given);
  for (const name of Object.keys(fixed ?? {})) {
    if (space.has(name))
      throw new BadUserInputError(
        `input.search.space.${name}`,
        `${name} is searched and fixed at the same time.`,
      );
  }
  if (strategy === 'SUCCESSIVE_HALVING') checkBudget(algorithm, base, space.has('epochs'));
  const points = samplePoints(space, trials, seed);
  const rungs =
    strategy === 'RANDOM' ? randomRungs(points.length) : halvingRungs(points.length, base.epochs as number);
  const complete = points.map((point, i) => {
    // The later rungs' budgets as well: nothing of the search may be refused when it is under way.
    const [first] = rungs.map(({ epochs }) =>
      checked(algorithm, withBudget({ ...(fixed as object), ...point }, epochs), [...space.keys()], i),
    );
    return first;
  });
  return { rungs, first: complete };
}

function checkBudget(algorithm: AnySystem, base: Record<string, unknown>, searched: boolean): void {
  if (searched) {
    const message =
      'epochs: SUCCESSIVE_HALVING decides the number of epochs; fix the largest one in hyperparameters, or leave its default.';
    throw new BadUserInputError('input.search.space.epochs', message);
  }
  if (typeof base.epochs !== 'number') {
    const message = `SUCCESSIVE_HALVING spends epochs, and ${algorithm.name} has no hyperparameter epochs: use RANDOM.`;
    throw new BadUserInputError('input.search.strategy', message);
  }
}

function checked(
  algorithm: AnySystem,
  point: Record<string, unknown>,
  searched: readonly string[],
  at: number,
): Record<string, unknown> {
  try {
    return completeHyperparameters(algorithm, point);
  } catch (error) {
    if (!(error instanceof BadUserInputError)) throw error;
    // What is fixed has passed on its own, so the fault is the space's.
    const [name, ...rest] = error.field.split('.').slice(2);
    const field =
      name !== undefined && searched.includes(name)
        ? ['input.search.space', name, ...rest].join('.')
        : 'input.search.space';
    const values = JSON.stringify(Object.fromEntries(searched.map((each) => [each, point[each]])));
    throw new BadUserInputError(field, `${error.message} (Point ${at + 1} of the search: ${values}.)`);
  }
}
