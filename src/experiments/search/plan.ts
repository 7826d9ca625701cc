/** How a search goes: from what was asked for to the trainings of its first rung, all checked
 *  before anything is queued, and from how its trainings came out to what it does next. Pure, so
 *  that any process can go on with it at any time. */
import { BadUserInputError } from '../../errors';
import type { AnySystem } from '../../models/systems';
import type { ExperimentStatus, SearchStrategy } from '../enums';
import { completeHyperparameters } from '../hyperparameters';
import { parseSpace, samplePoints } from './space';

export const MOST_TRIALS = 100;
export const DEFAULT_TRIALS = 20;

export interface Rung {
  /** How many trials start on it */
  readonly trials: number;
  /** The budget of each; null where the strategy has none */
  readonly epochs: number | null;
}

const ETA = 3;

/** Random search: every point with its own full budget. */
export function randomRungs(trials: number): Rung[] {
  return [{ trials, epochs: null }];
}

/** Successive halving (Jamieson and Talwalkar, AISTATS 2016; as in one bracket of Hyperband, Li et
 *  al., JMLR 2018): many points with few epochs, the best third of them with three times as many,
 *  and so on up to the full budget.
 *  @param trials 1 or more
 *  @param epochs the full budget, 1 or more
 *  @returns at least one rung; the last has the full budget, and the first as few epochs as leave a
 *    point for each further rung */
export function halvingRungs(trials: number, epochs: number, eta = ETA): Rung[] {
  let last = 0;
  while (eta ** (last + 1) <= Math.min(trials, epochs)) last++;
  return Array.from({ length: last + 1 }, (_, rung) => ({
    trials: Math.floor(trials / eta ** rung),
    epochs: Math.max(1, Math.round(epochs / eta ** (last - rung))),
  }));
}

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
        `${name} cannot be both searched and fixed.`,
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

/** The budget that successive halving spends is the hyperparameter `epochs`.
 *  @param epochs null: no budget, the hyperparameters are as they are */
export function withBudget(
  hyperparameters: Record<string, unknown>,
  epochs: number | null,
): Record<string, unknown> {
  return epochs === null ? hyperparameters : { ...hyperparameters, epochs };
}

function checkBudget(algorithm: AnySystem, base: Record<string, unknown>, searched: boolean): void {
  if (searched) {
    const message =
      'epochs: SUCCESSIVE_HALVING sets the number of epochs; give the maximum in ' +
      'hyperparameters, or omit it.';
    throw new BadUserInputError('input.search.space.epochs', message);
  }
  if (typeof base.epochs !== 'number') {
    const message = `SUCCESSIVE_HALVING requires the hyperparameter epochs, which ${algorithm.name} does not have: use RANDOM.`;
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
    // The fixed hyperparameters were valid, so the fault is in the space.
    const [name, ...rest] = error.field.split('.').slice(2);
    const field =
      name !== undefined && searched.includes(name)
        ? ['input.search.space', name, ...rest].join('.')
        : 'input.search.space';
    const values = JSON.stringify(Object.fromEntries(searched.map((each) => [each, point[each]])));
    throw new BadUserInputError(field, `${error.message} (Point ${at + 1} of the search: ${values}.)`);
  }
}

export interface TrialState {
  readonly experimentId: number;
  readonly role: 'TRIAL' | 'FINAL';
  readonly status: ExperimentStatus;
  /** From 1; null for the final training */
  readonly trial: number | null;
  readonly rung: number | null;
  /** NDCG@20 in the full catalogue on the validation data; null where it was not measured */
  readonly objective: number | null;
  readonly error: string | null;
}

export type NextStep =
  | { readonly kind: 'WAIT' }
  /** The trials (their experiments of the rung below) go up to `rung`, from 1 */
  | {
      readonly kind: 'RUNG';
      readonly rung: number;
      readonly epochs: number | null;
      readonly from: readonly TrialState[];
    }
  | { readonly kind: 'FINAL'; readonly winner: TrialState }
  | {
      readonly kind: 'END';
      readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
      readonly error: string | null;
    };

const OPEN: ReadonlySet<ExperimentStatus> = new Set(['QUEUED', 'RUNNING']);

/** A trial that failed or was cancelled is out; the others go on. Equal objectives: the earlier
 *  point.
 *  @param states all trainings of the search so far, the whole first rung included */
export function nextStep(rungs: readonly Rung[], states: readonly TrialState[]): NextStep {
  if (states.some(({ status }) => OPEN.has(status))) return { kind: 'WAIT' };
  const final = states.find(({ role }) => role === 'FINAL');
  if (final) return endOf(final);
  const current = Math.max(...states.map(({ rung }) => rung ?? 0));
  const onRung = states.filter(({ rung }) => rung === current);
  const best = onRung
    .filter(({ status, objective }) => status === 'SUCCEEDED' && objective !== null)
    .sort(byObjective);
  if (best.length === 0) return { kind: 'END', status: 'FAILED', error: whyNone(onRung) };
  const next = rungs[current]; // of number current + 1
  if (next === undefined) return { kind: 'FINAL', winner: best[0] };
  return { kind: 'RUNG', rung: current + 1, epochs: next.epochs, from: best.slice(0, next.trials) };
}

function byObjective(a: TrialState, b: TrialState): number {
  return b.objective! - a.objective! || a.trial! - b.trial!;
}

function endOf({ status, experimentId, error }: TrialState): NextStep {
  if (status === 'SUCCEEDED') return { kind: 'END', status, error: null };
  if (status === 'CANCELLED') return { kind: 'END', status, error: null };
  return {
    kind: 'END',
    status: 'FAILED',
    error: `The final training, experiment ${experimentId}, failed: ${error ?? 'no reason given'}`,
  };
}

function whyNone(trials: readonly TrialState[]): string {
  const failed = trials.find(({ status }) => status === 'FAILED');
  if (failed)
    return `No trial was measured. Experiment ${failed.experimentId}: ${failed.error ?? 'no reason given'}`;
  if (trials.every(({ status }) => status === 'CANCELLED')) return 'Every trial was cancelled.';
  return 'No trial was measured: no user has enough ratings for validation data.';
}
