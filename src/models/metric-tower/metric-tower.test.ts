import { checkerboard } from '../../../test/fixtures/checkerboard';
import { contextOf } from '../../../test/fixtures/fit-context';
import { installedBackends } from '../../../test/fixtures/installed-backends';
import { historyOf } from '../../interactions/history';
import type { TrainingData } from '../../interactions/interaction-log';
import { Vocabulary } from '../../interactions/vocabulary';
import { Random } from '../../numeric/random';
import { tf } from '../../tensor/tf';
import { decodeArtifact, encodeArtifact } from '../artifact';
import { type FitContext, type Model, TrainingDivergedError, UnfitDataError } from '../system';
import { buildFeatureVectors } from './forward';
import { train, twoTower } from './metric-tower';
import { initialParameters } from './parameters';

const context = (given: Partial<FitContext> = {}): FitContext => contextOf({ backend: 'wasm', ...given });
const settings = (given: object = {}) =>
  twoTower.hyperparameters.parse({
    embeddingSize: 8,
    hiddenSize: 8,
    epochs: 12,
    batchSize: 128,
    negatives: 32,
    learningRate: 0.02,
    ...given,
  });
const tagged = checkerboard({ users: 40, items: 60, tagged: true, demographics: true });
const bytes = (model: Model) => Buffer.from(encodeArtifact(model.save()));

/** Share of the ten nearest unseen movies that are of the user's colour. */
function purity(model: Model, data: TrainingData): number {
  const log = data.interactions;
  let own = 0;
  for (let user = 0; user < log.users.size; user++) {
    const history = historyOf(log, user, undefined, data.demographics?.[user]);
    const scores = model.score([history]);
    const unseen = Array.from(scores.keys()).filter((item) => !history.items.includes(item));
    const nearest = unseen.sort((a, b) => scores[b] - scores[a]).slice(0, 10);
    own += nearest.filter((item) => item % 2 === user % 2).length / 10;
  }
  return own / log.users.size;
}

describe('the metric tower', () => {
  it.each([
    { loss: 'softmax' },
    { loss: 'triplet', hardNegatives: 10 },
    { placeGates: 3, transitions: 2, historyPoints: 'own', userHiddenSize: 8 },
    { members: 2, placeGates: 3, transitions: 2, historyPoints: 'own', userHiddenSize: 8 },
    { objective: 'heldOut', batchSize: 40 },
    { objective: 'heldOut', batchSize: 40, distillation: 1, teacherRegularization: 5 },
  ])('learns a checkerboard, with tags and demographics, %j', async (given) => {
    const model = await twoTower.fit(tagged, settings({ identityDropout: 0.2, ...given }), context());
    expect(purity(model, tagged)).toBeGreaterThan(0.97); // chance: 0.4, the seen ones being of the user's colour
    const space = model.space!;
    for (const item of [0, 1]) {
      const itemPoint = space.itemPoints.subarray(item * 8, item * 8 + 8);
      const distances = [0, 1].map((tag) =>
        distance(space.tagQueryPoint({ itemPoint }), space.tagPoints.subarray(tag * 8, tag * 8 + 8)),
      );
      expect(distances[item]).toBeLessThan(distances[1 - item]); // the tag of its own colour
    }
    const cold = space.coldItemPoint({ genres: ['Even'], year: null, tagIds: [] });
    const user = (index: number) =>
      space.userPoint(historyOf(tagged.interactions, index, undefined, tagged.demographics?.[index]));
    expect(distance(cold, user(0))).toBeLessThan(distance(cold, user(1)));
  });

  it('learns it without tags, genres, years, stars or times', async () => {
    const { interactions: log, ...rest } = checkerboard({ users: 40, items: 60 });
    const bare: TrainingData = {
      ...rest,
      interactions: {
        ...log,
        value: log.value.map(() => 0),
        timestamp: log.timestamp.map(() => Number.NaN),
      },
      itemFeatures: {
        genreNames: [],
        genreOffsets: new Int32Array(61),
        genreIndex: new Int32Array(0),
        year: new Int16Array(60),
      },
    };
    expect(purity(await twoTower.fit(bare, settings(), context()), bare)).toBeGreaterThan(0.97);
  });

  it.each(installedBackends())(
    'is bit-identical for one seed on %s, another for another',
    async (backend) => {
      const trained = async (seed: number) =>
        bytes(await twoTower.fit(tagged, settings({ epochs: 3 }), context({ backend, seed })));
      const first = await trained(1);
      expect((await trained(1)).equals(first)).toBe(true);
      expect((await trained(2)).equals(first)).toBe(false);
    },
  );

  it('leaves a movie that nobody rated where its features put it', async () => {
    const { interactions: log, itemFeatures } = checkerboard({ users: 40, items: 60 });
    const unrated = log.items.size;
    const items = new Vocabulary(Int32Array.from([...log.items.ids, 9999]));
    const { genreIndex, genreOffsets, year } = itemFeatures;
    const features = {
      ...itemFeatures,
      genreIndex: Int32Array.from([...genreIndex, 1]),
      genreOffsets: Int32Array.from([...genreOffsets, 61]),
      year: Int16Array.from([...year, 1984]),
    };
    const data = {
      ...checkerboard({ users: 40, items: 60 }),
      interactions: { ...log, items },
      itemFeatures: features,
    };
    const { space } = await twoTower.fit(data, settings(), context());
    const alone = space!.coldItemPoint({ genres: ['Odd'], year: 1984, tagIds: [] });
    expect(distance(space!.itemPoints.subarray(unrated * 8, unrated * 8 + 8), alone)).toBeLessThan(1e-6);
  });

  it('keeps the best by validation, and stops when patience ends', async () => {
    const kept: Buffer[] = [];
    const worth = [0.1, 0.5, 0.2, 0.3, 0.9];
    const validate = (model: Model) => worth[kept.push(bytes(model)) - 1];
    const model = await twoTower.fit(tagged, settings({ patience: 2 }), context({ validate }));
    expect(kept).toHaveLength(4);
    expect(bytes(model).equals(kept[1])).toBe(true);
  });

  it('says how far it is, epoch by epoch', async () => {
    const epochs: number[] = [];
    const fractions: number[] = [];
    const onEpoch: FitContext['onEpoch'] = ({ epoch, loss }) =>
      epochs.push(epoch) && expect(loss).toBeGreaterThan(0);
    await twoTower.fit(
      tagged,
      settings({ epochs: 3 }),
      context({ onEpoch, onProgress: (fraction) => fractions.push(fraction) }),
    );
    expect(epochs).toEqual([1, 2, 3]);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it('holds no more tensors after an epoch than before', async () => {
    const counts: number[] = [];
    await twoTower.fit(
      tagged,
      settings({ epochs: 4 }),
      context({ onEpoch: () => counts.push(tf.memory().numTensors) }),
    );
    expect(new Set(counts).size).toBe(1);
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the admin');
    setTimeout(() => controller.abort(reason), 100);
    const endless = twoTower.fit(
      tagged,
      settings({ epochs: 500, patience: 500 }),
      context({ signal: controller.signal }),
    );
    await expect(endless).rejects.toBe(reason);
  });

  it('says so when the loss is no number any more', async () => {
    const { interactions, itemFeatures } = checkerboard({ users: 4, items: 30 });
    const data = { ...checkerboard({ users: 4, items: 30 }), interactions };
    const sizes = {
      ratedItems: new Uint8Array(30).fill(1),
      tags: 0,
      genres: itemFeatures.genreNames.length,
      demographics: 0,
    };
    const parameters = initialParameters(sizes, settings(), new Random(1));
    parameters.gates.values[3] = Number.POSITIVE_INFINITY;
    const step = {
      settings: settings(),
      features: buildFeatureVectors(data),
      ratedItems: sizes.ratedItems,
      demographics: null,
    };
    await expect(
      train({ data, parameters, settings: settings(), step, demographicKeys: [] }, context()),
    ).rejects.toThrow(TrainingDivergedError);
  });

  it('reads back what it saved, to the bit', async () => {
    const model = await twoTower.fit(tagged, settings({ epochs: 1 }), context());
    const again = twoTower.load(decodeArtifact(bytes(model)));
    const histories = [historyOf(tagged.interactions, 0), historyOf(tagged.interactions, 7)];
    expect(again.score(histories)).toEqual(model.score(histories));
    expect(bytes(again).equals(bytes(model))).toBe(true);
  });

  it('scores somebody without a history, finitely', async () => {
    const model = await twoTower.fit(tagged, settings({ epochs: 1 }), context());
    const nobody = {
      items: new Int32Array(0),
      values: new Float32Array(0),
      timestamps: new Float64Array(0),
    };
    expect(model.score([nobody]).every(Number.isFinite)).toBe(true);
  });

  it('refuses data from which there is nothing to learn', async () => {
    const { interactions } = tagged;
    const empty = { ...interactions, users: new Vocabulary(new Int32Array(0)), offsets: Int32Array.of(0) };
    const none = {
      itemIndex: new Int32Array(0),
      value: new Float32Array(0),
      timestamp: new Float64Array(0),
    };
    const each = {
      users: new Vocabulary(Int32Array.of(1, 2)),
      offsets: Int32Array.of(0, 1, 2),
      itemIndex: Int32Array.of(0, 1),
    };
    const columns = { value: new Float32Array(2), timestamp: new Float64Array(2) };
    for (const log of [
      { ...empty, ...none },
      { ...interactions, ...each, ...columns },
      { ...interactions, value: interactions.value.with(3, Number.NaN) },
    ]) {
      await expect(twoTower.fit({ ...tagged, interactions: log }, settings(), context())).rejects.toThrow(
        UnfitDataError,
      );
    }
  });

  it('refuses hyperparameters that it does not know', () => {
    expect(() => twoTower.hyperparameters.parse({ embedingSize: 3 })).toThrow('embedingSize');
    expect(() => twoTower.hyperparameters.parse({ margin: -1 })).toThrow('margin');
    expect(() => twoTower.hyperparameters.parse({ members: 3 })).toThrow('embeddingSize');
    expect(() => twoTower.hyperparameters.parse({ members: 2, userHiddenSize: 5 })).toThrow(
      'userHiddenSize',
    );
  });
});

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, k) => value - b[k]));
}
