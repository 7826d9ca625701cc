/** The whole loss of a tiny instance: its gradient by finite differences, its two towers against
 *  their plain twins. */

import type { Tensor2D } from '@tensorflow/tfjs';
import { checkerboard } from '../../../test/fixtures/checkerboard';
import { checkGradient } from '../../../test/fixtures/gradient-check';
import { installedBackends } from '../../../test/fixtures/installed-backends';
import { groupsOf } from '../../interactions/demographic-prior';
import { historyOf } from '../../interactions/history';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor/engine';
import { Adam } from '../../tensor/row-adam';
import { tf } from '../../tensor/tf';
import { Batches, HeldOutBatches } from './batches';
import { buildFeatureVectors } from './forward';
import { dislikesOf, hyperparametersSchema } from './hyperparameters';
import { TwoTowerModel } from './metric-tower';
import { initialParameters, PARAMETER_NAMES, type Parameters, toArtifact } from './parameters';
import { denseFeatures, prepareStep, type StepContext, stepLoss, trainStep } from './step';
import { historyPoints, itemTower, type ParameterTensors, userTowers } from './towers';

const data = checkerboard({ users: 5, items: 24, tagged: true, demographics: true });
const keys = [...new Set(data.demographics!.flatMap(groupsOf))].sort();
const features = buildFeatureVectors(data);

/** Parameters away from their symmetric start, so that every gradient is something. */
function instance(given: object): { parameters: Parameters; context: StepContext } {
  const small = {
    embeddingSize: 3,
    hiddenSize: 4,
    userHiddenSize: 4,
    batchSize: 20,
    negatives: 10,
    tagWeight: 0.7,
    placeGates: 3,
    transitions: 2,
    historyPoints: 'own',
  };
  const settings = hyperparametersSchema.parse({ ...small, ...given });
  const random = new Random(8);
  const ratedItems = new Uint8Array(24).fill(1);
  const sizes = { ratedItems, tags: data.taggings.tags.size, genres: 2, demographics: keys.length };
  const parameters = initialParameters(sizes, settings, random);
  for (const { values } of Object.values(parameters))
    for (let n = 0; n < values.length; n++) values[n] += 0.4 * random.normal();
  const demographics = data.demographics!.map((known) => groupsOf(known).map((key) => keys.indexOf(key)));
  return { parameters, context: { settings, features, ratedItems, demographics } };
}

function step(parameters: Parameters, context: StepContext) {
  const { settings } = context;
  const source =
    settings.objective === 'next' ? new Batches(data, settings) : new HeldOutBatches(data, settings, null);
  const [batch] = source.epoch(new Random(4));
  return prepareStep(batch, parameters, context, new Random(5));
}

describe('the loss of a step', () => {
  beforeAll(async () => {
    await loadEngine({ backend: 'cpu' });
  });

  it.each([
    [{ loss: 'softmax' }],
    [{ objective: 'heldOut' }],
    [{ userDropout: 0.4, dislikeStars: 2.5 }],
    [{ members: 2, embeddingSize: 6, userDropout: 0.4 }],
    [{ members: 2, embeddingSize: 4, objective: 'heldOut' }],
    [{ members: 2, embeddingSize: 4, loss: 'triplet', hardNegatives: 0 }],
    [{ loss: 'triplet', hardNegatives: 0 }],
    [{ loss: 'triplet', hardNegatives: 0, distance: 'euclidean', margin: 2 }],
  ])('has the gradient of finite differences in every parameter, %j', (given) => {
    const { parameters, context } = instance({
      ...given,
      regularization: 0.3,
      dropout: 0.2,
      identityDropout: 0.3,
    });
    const prepared = step(parameters, context);
    expect(prepared.batch.taggings).not.toBeNull();
    const inputs = PARAMETER_NAMES.map((name) => parameters[name].take(prepared.rows[name]!));
    const loss = (...tensors: Tensor2D[]) =>
      stepLoss(
        Object.fromEntries(PARAMETER_NAMES.map((name, n) => [name, tensors[n]])) as ParameterTensors,
        prepared,
        context,
      );
    // The hinge and relu have kinks: a smaller step meets fewer of them, at the price of float32's
    // rounding.
    checkGradient(loss, inputs, { epsilon: 2e-3, tolerance: 1e-2, samples: 25 });
  });

  it('leaves no tensor behind, and falls when steps are repeated', () => {
    const { parameters, context } = instance({ dropout: 0, identityDropout: 0 });
    const prepared = step(parameters, context);
    const adam = new Adam(() => 0.01);
    const before = tf.memory().numTensors;
    const losses = Array.from({ length: 30 }, () => trainStep(prepared, parameters, context, adam));
    expect(tf.memory().numTensors).toBe(before);
    expect(losses.at(-1)).toBeLessThan(losses[0] * 0.9);
  });
});

describe.each(installedBackends())('the towers on %s', (backend) => {
  it.each([
    { userHiddenSize: 0 },
    { userHiddenSize: 4 },
    { dislikeStars: 2.5, dislikeWeight: 0.7 },
    { members: 2, embeddingSize: 6 },
    { members: 3, embeddingSize: 6, userHiddenSize: 6 },
    { members: 3, userHiddenSize: 0, transitions: 0 },
    { placeGates: 0, transitions: 0, historyPoints: 'shared' },
  ])('put items and users where their plain twins put them, %j', async (given) => {
    await loadEngine({ backend });
    const { parameters, context } = instance(given);
    const { space } = new TwoTowerModel(
      toArtifact(parameters, data, { ...context, demographicKeys: keys }),
    );
    const everything = Int32Array.from({ length: 24 }, (_, item) => item);
    const tensors = Object.fromEntries(
      PARAMETER_NAMES.filter((name) => parameters[name].rows > 0).map((name) => [
        name,
        parameters[name].take(Int32Array.from({ length: parameters[name].rows }, (_, row) => row)),
      ]),
    ) as ParameterTensors;
    const points = itemTower(tensors, {
      features: tf.tensor2d(denseFeatures(features, everything), [24, features.featureCount]),
      tags: features.tags,
      identityMask: tf.ones([24, 1]) as Tensor2D,
    });
    expectClose(points.dataSync<'float32'>(), space.itemPoints);
    const user = 3;
    const history = historyOf(data.interactions, user, undefined, data.demographics![user]);
    const levels = Uint8Array.from(history.values, (value) => value * 2);
    const histories = { rows: history.items, levels, offsets: Int32Array.of(0, history.items.length) };
    const known = historyPoints(tensors, points, everything);
    const { growth, members, embeddingSize } = context.settings;
    const input = {
      histories,
      growth,
      dislikes: dislikesOf(context.settings),
      demographics: [context.demographics![user]],
    };
    const queries = tf.concat(userTowers(tensors, known, input, members), 1);
    for (const length of [1, 4, history.items.length]) {
      const plain = space.userPoint(historyOf(data.interactions, user, length, data.demographics![user]));
      expectClose(tf.slice(queries, [length - 1, 0], [1, embeddingSize]).dataSync<'float32'>(), plain);
    }
  });
});

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, n) => {
    expect(value).toBeCloseTo(expected[n], 4);
  });
}
