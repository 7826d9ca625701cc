/** What a search does next, from how its trainings came out. Pure, so that any process can go on
 *  with it at any time. */
import type { ExperimentStatus } from '../enums';
import type { Rung } from './rungs';

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
    return `No trial has a measurement. Experiment ${failed.experimentId}: ${failed.error ?? 'no reason given'}`;
  if (trials.every(({ status }) => status === 'CANCELLED')) return 'Every trial was cancelled.';
  return 'No trial has a measurement: nobody has enough ratings for validation data.';
}
