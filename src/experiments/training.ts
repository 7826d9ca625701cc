/** What happens to the data of one experiment: split, fit, measure. Pure but for the clock; runs in
 *  the training thread. */

import { measureNewcomers } from '../evaluation/cold-start/newcomers';
import { EVALUATION_SEED, evaluate, type MetricRow } from '../evaluation/evaluate';
import type { ProtocolName } from '../evaluation/protocols';
import { decidingProtocol, schemeOf } from '../evaluation/protocols';
import { beatsPopularity, refuseIncomplete } from '../evaluation/publication';
import { validationObjective } from '../evaluation/validation-objective';
import type { TrainingData } from '../interactions/interaction-log';
import { type PreparedSplit, prepareSplit, SPLIT_NAMES } from '../interactions/splits';
import { encodeArtifact } from '../models/codec';
import { popularity } from '../models/popularity';
import { type EpochProgress, type FitContext, type Model, type System } from '../models/system';
import { CURVE_TRAININGS, coldItemsCurve } from './cold-items-curve';
import type { TrainingProgress, TrainingRequest, TrainingResult } from './training-messages';
import { figuresToKeep } from './user-figures';

/** Early stopping looks at the same users each time, at most so many: measuring must stay small
 *  beside an epoch. */
const VALIDATION_USERS = 2_000;
export const NO_TRIAL_IS_PUBLISHED = { publish: false, note: 'Not published: a trial of a search.' } as const;

export interface TrainingHooks {
  readonly signal: AbortSignal;
  onEpoch(record: EpochProgress): void;
  onProgress(progress: TrainingProgress): void;
}

/** The experiment's protocol decides what is held out; all that fit the split are measured.
 *  @throws MissingTimesError (TIME_SPLIT without times), what `algorithm.fit` and `evaluate` throw;
 *    AbortError on the signal */
export async function trainAndMeasure(
  algorithm: System,
  data: TrainingData,
  request: Omit<TrainingRequest, 'algorithm' | 'protocol'> & { readonly protocol: ProtocolName },
  hooks: TrainingHooks,
): Promise<TrainingResult> {
  const split = prepareSplit(data, { scheme: schemeOf(request.protocol), seed: EVALUATION_SEED });
  const validate = validationObjective(split, { sampleUsers: VALIDATION_USERS });
  // All trainings are shown as one stage, so that the progress of an experiment with a curve goes
  // evenly.
  const trainings = request.measureColdItems ? 1 + CURVE_TRAININGS : 1;
  const context: FitContext = {
    seed: request.seed,
    backend: request.backend,
    signal: hooks.signal,
    onEpoch: (record) => hooks.onEpoch(record),
    onProgress: (fraction) => hooks.onProgress({ stage: 'TRAINING', fraction: fraction / trainings }),
    ...(validate && { validate }),
  };
  const startedAt = performance.now();
  const model = await algorithm.fit(split.trainingData, request.hyperparameters, context);
  const fittedAt = performance.now();
  const onCurve = (fraction: number) =>
    hooks.onProgress({ stage: 'TRAINING', fraction: (1 + fraction) / trainings });
  const curve = request.measureColdItems
    ? await coldItemsCurve(algorithm, model, split, request.hyperparameters, {
        ...context,
        onProgress: onCurve,
      })
    : null;
  hooks.onProgress({ stage: 'EVALUATING', fraction: 0 });
  const onProgress = (fraction: number) => hooks.onProgress({ stage: 'EVALUATING', fraction });
  const splits = request.trial ? (['VALIDATION'] as const) : SPLIT_NAMES;
  const evaluation = await evaluate(model, split, { splits, signal: hooks.signal, onProgress });
  const verdict = request.trial
    ? NO_TRIAL_IS_PUBLISHED
    : await mayPublish(model, evaluation.rows, split, context);
  return {
    metrics: evaluation.rows,
    coldStart: curve?.rows ?? (await newcomersCurve(model, split, request, hooks.signal)),
    userFigures: figuresToKeep(evaluation, decidingProtocol(split)),
    artifact: encodeArtifact(model.save()),
    servable: model.space !== null,
    publication: curve?.failure ? { ...verdict, note: `${verdict.note} ${curve.failure}` } : verdict,
    trainingSeconds: (fittedAt - startedAt) / 1000,
    evaluationSeconds: (performance.now() - fittedAt) / 1000,
  };
}

/** Costs as much as six lists for each new user, of 2,000 at most: nothing beside the training, so
 *  whoever asks for NEW_USERS gets it. */
async function newcomersCurve(
  model: Model,
  split: PreparedSplit,
  request: Pick<TrainingRequest, 'trial'>,
  signal: AbortSignal,
): Promise<TrainingResult['coldStart']> {
  if (split.scheme !== 'NEW_USERS' || request.trial) return [];
  return measureNewcomers(model, split, { signal });
}

async function mayPublish(
  model: Model,
  rows: readonly MetricRow[],
  split: PreparedSplit,
  context: FitContext,
): Promise<TrainingResult['publication']> {
  if (model.space === null) {
    return {
      publish: false,
      note: `Not published: ${model.name} is a reference; it has no space, and so no distances to serve.`,
    };
  }
  const protocol = decidingProtocol(split);
  const incomplete = refuseIncomplete(protocol);
  if (incomplete) return incomplete;
  const { seed, backend, signal } = context;
  const silent: FitContext = { seed, backend, signal, onEpoch: () => undefined, onProgress: () => undefined };
  const reference = await popularity.fit(split.trainingData, {}, silent);
  const measured = await evaluate(reference, split, {
    protocols: [protocol],
    splits: ['VALIDATION'],
    signal,
  });
  return beatsPopularity(rows, measured.rows, protocol);
}
