/** What a training does for an experiment: the laboratory's pipeline, the curve of a cold start,
 *  and whether the model may be published. Pure but for the clock; runs in the training thread. */

import { type ColdStartRow, KNOWN_RATINGS } from '../evaluation/cold-start/curve';
import { itemTrainingData, measureNewItems, planNewItems } from '../evaluation/cold-start/new-items';
import { measureNewcomers } from '../evaluation/cold-start/newcomers';
import type { MetricRow } from '../evaluation/evaluate';
import { type AnyProtocolName, schemeOf, TAG_PROTOCOL } from '../evaluation/protocols';
import { beatsPopularity, type PublicationDecision, refuseIncomplete } from '../evaluation/publication';
import { SPLIT_NAMES } from '../interactions/splits';
import { LAB_TASKS } from '../lab/tasks';
import { type FitRequest, type Measured, type Training, trainAndMeasure, trainOnce } from '../lab/train';
import type { LabHooks } from '../lab/worker';
import { encodeArtifact } from '../models/artifact';
import type { DataOf, System, Task } from '../models/system';
import type { SystemName } from '../models/systems';
import { figuresToKeep, type UserFigures } from './user-figures';

/** Given at the start of the thread, so that it loads its engine while the data are read. */
export interface TrainingRequest extends FitRequest {
  readonly algorithm: SystemName;
  /** Decides what is held out. */
  readonly protocol: AnyProtocolName;
  /** A trial of a search: measured on the validation data only, and never published. */
  readonly trial: boolean;
  /** Under COLD_ITEMS only: also measures the cold-start curve of new movies. */
  readonly measureColdItems: boolean;
}

export interface DataDescription {
  readonly datasetHash: string;
  readonly counts: {
    readonly users: number;
    readonly movies: number;
    readonly ratings: number;
    readonly taggings: number;
  };
  /** The numerical engine. */
  readonly backend: string;
}

export interface TrainingResult {
  readonly metrics: readonly MetricRow<AnyProtocolName>[];
  readonly userFigures: readonly UserFigures[];
  /** Of newcomers under NEW_USERS, of new movies under COLD_ITEMS where it was asked for; else
   *  empty. */
  readonly coldStart: readonly ColdStartRow[];
  /** As `encodeArtifact` gives it. */
  readonly artifact: Uint8Array;
  readonly servable: boolean;
  /** Whether it beats its reference (popularity, or the popular tags of user and movie) on the
   *  validation data, with an explanation. */
  readonly publication: PublicationDecision;
  readonly trainingSeconds: number;
  readonly evaluationSeconds: number;
}

type Request = Omit<TrainingRequest, 'algorithm'>;

/** In addition to the experiment's own training, whose model has no rating of a new movie. */
const CURVE_TRAININGS = KNOWN_RATINGS.length - 1;

/** The experiment's protocol decides what is held out; all that fit the split are measured.
 *  @throws as trainAndMeasure */
export async function trainExperiment<T extends Task>(
  system: System<T>,
  data: DataOf<T>,
  request: Request,
  hooks: LabHooks,
): Promise<TrainingResult> {
  // All trainings are shown as one stage, so that the progress of an experiment with a curve goes
  // evenly.
  const trainings = request.measureColdItems ? 1 + CURVE_TRAININGS : 1;
  const part = (turn: number): LabHooks => ({
    ...hooks,
    onProgress: (stage, fraction) =>
      hooks.onProgress(stage, stage === 'EVALUATING' ? fraction : (turn + fraction) / trainings),
  });
  let coldStart: ColdStart = { rows: [], failure: null };
  let trainedAt = 0;
  const measured = await trainAndMeasure(
    system,
    data,
    {
      ...request,
      scheme: request.protocol === TAG_PROTOCOL ? undefined : schemeOf(request.protocol),
      fitting: 'EARLY_STOPPING',
      parts: request.trial ? ['VALIDATION'] : SPLIT_NAMES,
    },
    {
      ...part(0),
      onTrained: async (training) => {
        trainedAt = performance.now();
        coldStart = await COLD_START[system.task](system, training, request, part(1));
      },
    },
  );
  const { training, evaluation } = measured;
  const verdict = await mayPublish(system, measured, request, hooks.signal);
  return {
    metrics: evaluation.rows,
    coldStart: coldStart.rows,
    userFigures: figuresToKeep(evaluation, LAB_TASKS[system.task].decidingProtocol(training.split)),
    artifact: encodeArtifact(training.model.save()),
    servable: training.model.space !== null,
    publication: coldStart.failure ? { ...verdict, note: `${verdict.note} ${coldStart.failure}` } : verdict,
    trainingSeconds: training.seconds,
    evaluationSeconds: (performance.now() - trainedAt) / 1000,
  };
}

interface ColdStart {
  readonly rows: readonly ColdStartRow[];
  /** Why a curve could not be measured */
  readonly failure: string | null;
}

const COLD_START: {
  readonly [T in Task]: (
    system: System<T>,
    training: Training<T>,
    request: Request,
    hooks: LabHooks,
  ) => Promise<ColdStart>;
} = {
  async MOVIES(system, training, request, hooks) {
    const { model, split } = training;
    if (request.measureColdItems) return coldItemsCurve(system, training, request, hooks);
    if (split.scheme !== 'NEW_USERS' || request.trial) return { rows: [], failure: null };
    // The cost of six lists for at most 2,000 new users: negligible against the training.
    return { rows: await measureNewcomers(model, split, { signal: hooks.signal }), failure: null };
  },
  TAGS: async () => ({ rows: [], failure: null }),
};

/** The curve of new movies: a training for each number of known ratings. All are alike (seed,
 *  hyperparameters, early stopping by the validation movies, which stay unrated); their models are
 *  thrown away.
 *  @param training of the experiment: the point with 0 known ratings
 *  @param hooks    `onProgress` gets 0 to CURVE_TRAININGS
 *  @returns no rows where no new movie has 25 ratings, and where a training or measurement failed
 *  @throws AbortError on the signal */
async function coldItemsCurve(
  system: System,
  { model, split }: Training,
  request: FitRequest,
  { signal, onProgress }: LabHooks,
): Promise<ColdStart> {
  try {
    const plan = planNewItems(split);
    if (plan.truth.size === 0) return { rows: [], failure: null };
    const rows: ColdStartRow[] = [];
    for (const [turn, known] of KNOWN_RATINGS.entries()) {
      const train = () =>
        trainOnce(system, { ...split, trainingData: itemTrainingData(split, plan, known) }, request, {
          signal,
          onProgress: (fraction) => onProgress('TRAINING', turn - 1 + fraction),
        });
      const measured = known === 0 ? model : (await train()).model;
      rows.push(...(await measureNewItems(measured, split, plan, { known, signal })));
    }
    return { rows, failure: null };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { rows: [], failure: `The cold-start curve of new movies could not be measured: ${reason}` };
  }
}

async function mayPublish<T extends Task>(
  system: System<T>,
  { training: { model, split }, evaluation }: Measured<T>,
  { trial, seed, backend }: Request,
  signal: AbortSignal,
): Promise<PublicationDecision> {
  if (trial) return { publish: false, note: 'Not published: a trial of a search.' };
  if (model.space === null) {
    return {
      publish: false,
      note: `Not published: ${model.name} is a baseline without a metric space and cannot be served.`,
    };
  }
  const task = LAB_TASKS[system.task];
  const protocol = task.decidingProtocol(split);
  const incomplete = refuseIncomplete(protocol);
  if (incomplete) return incomplete;
  const hyperparameters = task.reference.hyperparameters.parse({}) as FitRequest['hyperparameters'];
  const request = { hyperparameters, seed, backend };
  const reference = await trainOnce(task.reference, split, request, { signal, validates: false });
  const measured = await task.evaluate(reference.model, split, {
    protocols: protocol === TAG_PROTOCOL ? undefined : [protocol],
    splits: ['VALIDATION'],
    signal,
  });
  return beatsPopularity(evaluation.rows, measured.rows, protocol);
}
