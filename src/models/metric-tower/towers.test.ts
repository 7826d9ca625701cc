/** Scores in batches against the same user tower in plain code, with and without each part that has
 *  a matrix. */

import { checkerboard } from '../../../test/fixtures/checkerboard';
import { historyOf } from '../../interactions/history';
import { Random } from '../../numeric/random';
import { squaredDistance } from '../../numeric/scan';
import { loadEngine } from '../../tensor/engine';
import { buildFeatureVectors, userPoint } from './forward';
import { hyperparametersSchema } from './hyperparameters';
import { TwoTowerModel } from './metric-tower';
import { initialParameters, toArtifact } from './parameters';

const data = checkerboard({ users: 6, items: 24, demographics: true });
const nobody = { items: new Int32Array(0), values: new Float32Array(0), timestamps: new Float64Array(0) };
const histories = [
  ...[0, 3, 5].map((user) => ({
    ...historyOf(data.interactions, user),
    demographics: data.demographics?.[user],
  })),
  nobody,
];

function drawnModel(parts: Record<string, unknown>): TwoTowerModel {
  const settings = hyperparametersSchema.parse({ embeddingSize: 5, ...parts });
  const random = new Random(4);
  const sizes = {
    ratedItems: new Uint8Array(24).fill(1),
    tags: 0,
    genres: data.itemFeatures.genreNames.length,
    demographics: 2,
  };
  const parameters = initialParameters(sizes, settings, random);
  for (const table of Object.values(parameters))
    for (let at = 0; at < table.values.length; at++) table.values[at] = random.normal();
  return new TwoTowerModel(
    toArtifact(parameters, data, {
      features: buildFeatureVectors(data),
      settings,
      demographicKeys: ['gender:F', 'gender:M'],
    }),
  );
}

describe.each(['wasm', 'cpu'] as const)('scores of many users at once on %s', (backend) => {
  beforeAll(() => loadEngine({ backend }));

  it.each([
    ['pools alone', {}],
    ['matrices for the newest ratings', { transitions: 2 }],
    ['a perceptron', { userHiddenSize: 7 }],
    [
      'everything',
      { transitions: 3, userHiddenSize: 7, placeGates: 4, historyPoints: 'own', growth: 0.4, window: 4 },
    ],
  ])('are minus the squared distances from where serving puts them: %s', (_, parts) => {
    const model = drawnModel(parts);
    const { space, itemCount } = model;
    const scores = model.score(histories);
    histories.forEach((history, b) => {
      const user =
        history.items.length > 0
          ? space.userPoint(history)
          : userPoint(space.userTower, space.itemPoints, nobody);
      for (let item = 0; item < itemCount; item++) {
        const distance = squaredDistance(space.itemPoints, item * 5, user, 5);
        expect(Math.abs(scores[b * itemCount + item] + distance)).toBeLessThan(
          1e-5 * Math.max(1, distance),
        );
      }
    });
  });
});
