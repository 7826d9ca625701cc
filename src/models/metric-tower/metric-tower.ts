/** The metric tower: our own system, after Luo et al. (shared/paper, section III), made aware of
 *  the order of a history.
 *
 *  A user tower and an item tower put users and movies into one Euclidean space; the nearest movies
 *  are recommended, and tags lie in the same space. The item tower is an identity embedding plus a
 *  multi-layer perceptron over genres, year and tags; the user tower pools the points of what the
 *  user rated: the long-run mean and two exponentially decaying means, each with a gate per
 *  dimension and a weight per star level. Every position of a history is trained to predict the
 *  next (as SASRec, Kang and McAuley, ICDM 2018), by a sampled softmax over −d² with log-Q
 *  correction (Bengio and Senécal 2008) or by the paper's triplet hinge. A new user or a new rating
 *  needs no retraining. docs/model.md has the figures. */

import { setImmediate } from 'node:timers/promises';
import { interactionCounts } from '../../interactions/csr';
import { groupsOf } from '../../interactions/demographic-prior';
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor/engine';
import { Adam, cosineDecay } from '../../tensor/row-adam';
import type { Artifact } from '../artifact';
import { assertFit } from '../checks';
import { ease } from '../ease/ease';
import {
  defineSystem,
  type FitContext,
  type Model,
  TrainingDivergedError,
  UnfitDataError,
} from '../system';
import { runEpochs, Turns } from '../training-loop';
import { Batches, type BatchSource, HeldOutBatches } from './batches';
import { buildFeatureVectors } from './forward';
import { hyperparametersSchema, type TwoTowerHyperparameters } from './hyperparameters';
import { initialParameters, type Parameters, toArtifact } from './parameters';
import { readTowerSpace, type TowerSpace } from './space';
import { prepareStep, type StepContext, trainStep } from './step';
import { scoreHistories } from './towers';

export const twoTower = defineSystem({
  name: 'TWO_TOWER',
  label: 'Ours (metric tower)',
  description:
    'Metric learning: a user tower and an item tower place users and movies in one Euclidean ' +
    'space, and the nearest movies are recommended (after Luo et al., 2024).',
  task: 'MOVIES',
  engine: true,
  seedless: false,
  servable: true,
  hyperparameters: hyperparametersSchema,

  async fit(data, settings, context) {
    refuseUnfit(data);
    await loadEngine({ backend: context.backend === 'auto' ? undefined : context.backend });
    const keysOf = data.demographics?.map(groupsOf) ?? [];
    const keys = [...new Set(keysOf.flat())].sort();
    const rowOf = new Map(keys.map((key, row) => [key, row]));
    const ratedItems = Uint8Array.from(interactionCounts(data.interactions), (count) => Math.min(1, count));
    const sizes = {
      ratedItems,
      tags: data.taggings.tags.size,
      genres: data.itemFeatures.genreNames.length,
      demographics: keys.length,
    };
    const parameters = initialParameters(sizes, settings, new Random(context.seed, STREAM.initial));
    const features = buildFeatureVectors(data);
    const demographics =
      keys.length === 0 ? null : keysOf.map((list) => list.map((key) => rowOf.get(key)!));
    return train(
      {
        data,
        parameters,
        settings,
        step: { settings, features, ratedItems, demographics },
        demographicKeys: keys,
      },
      context,
    );
  },

  load: (artifact) => new TwoTowerModel(artifact),
});

/** @throws UnfitDataError */
function refuseUnfit(data: TrainingData): void {
  assertFit(data);
  const { items, offsets } = data.interactions;
  if (items.size < 2)
    throw new UnfitDataError('The catalogue has only one item: there is nothing to rank.');
  const hasNext = offsets.subarray(1).some((to, user) => to - offsets[user] >= 2);
  if (!hasNext)
    throw new UnfitDataError('No user has two interactions: there is no next item to train on.');
}

/** A trained tower: all its results are computed from its published space. */
export class TwoTowerModel implements Model {
  readonly name = 'TWO_TOWER';
  readonly itemCount: number;
  readonly space: TowerSpace;
  constructor(private readonly artifact: Artifact) {
    this.space = readTowerSpace(artifact);
    this.itemCount = this.space.itemIds.length;
  }

  /** Someone without a history is ranked from the user tower's constant, so that scores are finite
   *  for everybody. */
  score(histories: readonly UserHistory[]): Float32Array {
    return scoreHistories(this.space, histories);
  }

  save(): Artifact {
    return this.artifact;
  }
}

export interface TrainingInput {
  readonly data: TrainingData;
  readonly parameters: Parameters;
  readonly settings: TwoTowerHyperparameters;
  readonly step: StepContext;
  readonly demographicKeys: readonly string[];
}

/** Streams of one seed, so that what one part draws never moves another. Epoch e draws from EPOCHS
 *  + e. */
export const STREAM = { initial: 0, epochs: 1 } as const;

/** Changes `parameters`.
 *  @returns the best model by `context.validate`, or the last where there is none
 *  @throws TrainingDivergedError, AbortError */
export async function train(input: TrainingInput, context: FitContext): Promise<Model> {
  const { data, parameters, settings } = input;
  const { epochs, patience, learningRate } = settings;
  const batches =
    settings.objective === 'next'
      ? new Batches(data, settings)
      : new HeldOutBatches(data, settings, await teacherOf(input, context));
  const totalSteps = epochs * batches.expectedPerEpoch;
  const adam = new Adam(
    cosineDecay({ learningRate, totalSteps, warmupSteps: Math.min(20, totalSteps - 1) }),
  );
  return runEpochs(
    {
      epochs,
      patience,
      turns: new Turns(context),
      trainEpoch: (epoch) => trainEpoch(input, { adam, batches, epoch, context }),
      publish: () =>
        new TwoTowerModel(
          toArtifact(parameters, data, { ...input.step, demographicKeys: input.demographicKeys }),
        ),
    },
    context,
  );
}

/** EASE, as the other systems have it, on the same data. */
async function teacherOf(
  { data, settings }: TrainingInput,
  { seed, backend, signal }: FitContext,
): Promise<Model | null> {
  if (settings.distillation === 0) return null;
  const silent: FitContext = {
    seed,
    backend,
    signal,
    onEpoch: () => undefined,
    onProgress: () => undefined,
  };
  return ease.fit(data, { regularization: settings.teacherRegularization }, silent);
}

interface EpochInput {
  readonly adam: Adam;
  readonly batches: BatchSource;
  readonly epoch: number;
  readonly context: FitContext;
}

/** @returns the mean loss of the epoch's steps */
async function trainEpoch(
  { parameters, settings, step }: TrainingInput,
  { adam, batches, epoch, context }: EpochInput,
): Promise<number> {
  const random = new Random(context.seed, STREAM.epochs + epoch);
  let total = 0;
  let steps = 0;
  for (const batch of batches.epoch(random)) {
    context.signal.throwIfAborted();
    const loss = trainStep(prepareStep(batch, parameters, step, random), parameters, step, adam);
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(
        `The loss became ${loss} in epoch ${epoch}: a smaller learningRate or margin may help.`,
      );
    }
    total += loss;
    steps++;
    const inEpoch = Math.min(1, steps / batches.expectedPerEpoch);
    context.onProgress(Math.min(1, (epoch - 1 + inEpoch) / settings.epochs));
    await setImmediate();
  }
  context.signal.throwIfAborted();
  return total / steps;
}
