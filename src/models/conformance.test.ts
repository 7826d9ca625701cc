/** What every system that ranks movies must do. A new system needs a row in QUICK only if its
 *  defaults take more than seconds here. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import { validationObjective } from '../evaluation/validation-objective';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../interactions/build';
import { historyOf } from '../interactions/history';
import type { TrainingData, UserHistory } from '../interactions/interaction-log';
import { prepareSplit } from '../interactions/splits';
import { Random } from '../numeric/random';
import {
  type Artifact,
  CorruptArtifactError,
  decodeArtifact,
  encodeArtifact,
  type NamedArray,
} from './artifact';
import { popularity as popularitySystem } from './popularity';
import { type FitContext, type Model, type System, UnfitDataError } from './system';
import { MOVIE_SYSTEMS, type MovieSystemName } from './systems';

interface Quick {
  /** For the checkerboard: 40 users, 40 items */
  readonly checkerboard: object;
  /** For ml-latest-small */
  readonly real: object;
}

/** Small enough for seconds on the wasm back end. */
const QUICK: Partial<Record<MovieSystemName, Quick>> = {
  TWO_TOWER: {
    checkerboard: {
      embeddingSize: 8,
      hiddenSize: 8,
      epochs: 15,
      batchSize: 128,
      negatives: 32,
      learningRate: 0.02,
    },
    real: { embeddingSize: 16, hiddenSize: 16, epochs: 3, window: 50, negatives: 128, tagWeight: 0 },
  },
  IMPLICIT_ALS: { checkerboard: { embeddingSize: 4 }, real: { embeddingSize: 16, epochs: 3 } },
  BPR_MF: {
    checkerboard: { embeddingSize: 8, epochs: 60, learningRate: 0.2 },
    real: { embeddingSize: 8, epochs: 15, learningRate: 0.3, foldInPasses: 10 },
  },
  PITF: {
    checkerboard: { embeddingSize: 8, epochs: 60, learningRate: 0.2 },
    real: { embeddingSize: 16, epochs: 30 },
  },
  NITF: {
    checkerboard: { embeddingSize: 8, epochs: 20 },
    real: { embeddingSize: 16, epochs: 15 },
  },
  ATTENTION_MLP: {
    checkerboard: {
      embeddingSize: 8,
      attentionSize: 4,
      hiddenSize: 4,
      epochs: 15,
      batchSize: 16,
      learningRate: 0.02,
    },
    real: {
      embeddingSize: 16,
      attentionSize: 8,
      hiddenSize: 8,
      window: 10,
      epochs: 2,
      batchSize: 128,
      learningRate: 0.01,
    },
  },
  LRML: {
    checkerboard: { embeddingSize: 8, memorySlots: 4, epochs: 30 },
    real: { embeddingSize: 16, memorySlots: 4, epochs: 10 },
  },
  CML: {
    checkerboard: { embeddingSize: 8, epochs: 30 },
    real: { embeddingSize: 16, epochs: 8 },
  },
  ATF: {
    checkerboard: { embeddingSize: 8, epochs: 60, pretrainingEpochs: 30, learningRate: 0.2, epsilon: 0.1 },
    real: { embeddingSize: 16, epochs: 20, pretrainingEpochs: 10, epsilon: 0.1 },
  },
};
const quickOf = (name: MovieSystemName): Quick => QUICK[name] ?? { checkerboard: {}, real: {} };

const USERS = 40;
const ITEMS = 40;

/** Even users know all even items and odd users all odd ones, but for one each, which is withheld:
 *  user u's is the item 2 * (u's place among its colour) + colour, so that every item is withheld
 *  from exactly one user and popularity says nothing. */
function checkerboard(): { data: TrainingData; withheld: number[] } {
  const random = new Random(5);
  const withheld = Array.from({ length: USERS }, (_, user) => user % ITEMS);
  const histories = withheld.map((hidden, user) => {
    const own = Array.from({ length: ITEMS }, (_, item) => item).filter(
      (item) => item % 2 === user % 2 && item !== hidden,
    );
    return random.shuffle(own);
  });
  return { data: dataOf(histories, ITEMS), withheld };
}

function latestSmall(): TrainingData {
  const read = (name: string): Record<string, string>[] =>
    parse(readFileSync(join(__dirname, '../../seeds/ml-latest-small', name)), { columns: true });
  const [ratings, movies] = [read('ratings.csv'), read('movies.csv')];
  const column = (name: string) => ratings.map((row) => Number(row[name]));
  const itemId = movies.map((movie) => Number(movie.movieId));
  const interactions = buildInteractionLog(
    {
      userId: column('userId'),
      itemId: column('movieId'),
      value: column('rating'),
      timestamp: column('timestamp'),
      ordinal: ratings.map((_, at) => at),
    },
    { itemIds: itemId },
  );
  return {
    interactions,
    itemFeatures: buildItemFeatures(interactions.items, {
      itemId,
      genres: movies.map(({ genres }) => genres.split('|')),
      year: movies.map(({ title }) => Number(/\((\d{4})\)\s*$/.exec(title)?.[1] ?? 0)),
    }),
    taggings: buildTagLog({ userId: [], itemId: [], tagId: [], timestamp: [], ordinal: [] }, interactions),
    demographics: null,
  };
}

const train = (
  algorithm: System,
  data: TrainingData,
  hyperparameters: object,
  context: Partial<FitContext> = {},
): Promise<Model> =>
  algorithm.fit(data, algorithm.hyperparameters.parse(hyperparameters), contextOf(context));

const historiesOf = ({ interactions, demographics }: TrainingData): UserHistory[] =>
  Array.from(interactions.users.ids, (_, user) =>
    historyOf(interactions, user, undefined, demographics?.[user]),
  );

const bytesOf = (model: Model): Buffer => Buffer.from(encodeArtifact(model.save()));

const scoresOf = (model: Model, data: TrainingData): number[] => Array.from(model.score(historiesOf(data)));

// Read once for all systems.
const real = prepareSplit(latestSmall());
const objective = validationObjective(real)!;

describe.each(MOVIE_SYSTEMS.map((algorithm) => ({ name: algorithm.name, algorithm })))(
  '$name',
  ({ name, algorithm }) => {
    const quick = quickOf(name);
    const { data, withheld } = checkerboard();
    let model: Model;

    beforeAll(async () => {
      model = await train(algorithm, data, quick.checkerboard);
    });

    it('gives every user and item of the checkerboard a finite score', () => {
      const scores = scoresOf(model, data);
      expect(model.itemCount).toBe(ITEMS);
      expect(scores).toHaveLength(USERS * ITEMS);
      expect(scores.filter((score) => !Number.isFinite(score))).toEqual([]);
      expect(model.score([])).toHaveLength(0);
    });

    it('scores a history alone as it does among others, seen in training or not, and none at all', () => {
      const [first, second] = historiesOf(data);
      const stranger: UserHistory = {
        items: first.items,
        values: first.values,
        timestamps: first.timestamps,
      };
      const both = model.score([second, stranger]);
      expect(Array.from(both.subarray(ITEMS))).toEqual(Array.from(model.score([stranger])));
      const nobody: UserHistory = {
        items: new Int32Array(0),
        values: new Float32Array(0),
        timestamps: new Float64Array(0),
      };
      expect(Array.from(model.score([nobody])).every(Number.isFinite)).toBe(true);
    });

    // Popularity cannot: that is what it is the reference for.
    (name === 'POPULARITY' ? it.skip : it)('recovers the withheld item of a checkerboard', () => {
      const scores = model.score(historiesOf(data));
      const found = withheld.filter((item, user) => {
        const own = scores.subarray(user * ITEMS, (user + 1) * ITEMS);
        return own.every((score, other) => other % 2 === user % 2 || score < own[item]);
      });
      expect(found.length).toBeGreaterThanOrEqual(0.95 * USERS);
    });

    it('is bit-identical for the same seed on one back end, and reads its seed if it draws', async () => {
      expect(bytesOf(await train(algorithm, data, quick.checkerboard)).equals(bytesOf(model))).toBe(true);
      const other = bytesOf(await train(algorithm, data, quick.checkerboard, { seed: 2 }));
      expect(other.equals(bytesOf(model))).toBe(algorithm.seedless);
    });

    it('saves, loads and scores the same', () => {
      const loaded = algorithm.load(decodeArtifact(bytesOf(model)));
      expect(loaded.name).toBe(name);
      expect(loaded.itemCount).toBe(ITEMS);
      expect(scoresOf(loaded, data)).toEqual(scoresOf(model, data));
      expect(bytesOf(loaded).equals(bytesOf(model))).toBe(true);
    });

    it('scores by minus the squared distance, when it has a space', () => {
      const { space } = model;
      expect(space !== null).toBe(algorithm.servable);
      if (space === null) return;
      const d = space.embeddingSize;
      expect(Array.from(space.itemIds)).toEqual(Array.from(data.interactions.items.ids));
      const scores = model.score(historiesOf(data));
      historiesOf(data).forEach((history, user) => {
        const point = space.userPoint(history);
        for (let item = 0; item < ITEMS; item++) {
          const squared = point.reduce((sum, x, n) => sum + (x - space.itemPoints[item * d + n]) ** 2, 0);
          expect(Math.abs(scores[user * ITEMS + item] + squared)).toBeLessThanOrEqual(
            1e-4 * Math.max(1, squared),
          );
        }
      });
    });

    it('beats popularity on real data, or equals it if it is popularity', async () => {
      const popularity = objective(await train(popularitySystem, real.trainingData, {}));
      const own = objective(await train(algorithm, real.trainingData, quick.real));
      if (name === 'POPULARITY') expect(own).toBe(popularity);
      else expect(own).toBeGreaterThan(1.1 * popularity);
    });

    it('reports its epochs with a finite loss, and its progress up to 1', async () => {
      const epochs: number[] = [];
      const fractions: number[] = [];
      const validated: number[] = [];
      await train(algorithm, data, quick.checkerboard, {
        onEpoch: (record) => {
          expect(Number.isFinite(record.loss)).toBe(true);
          expect(record.validationMetric).toBe(validated.at(-1));
          expect(record.seconds).toBeGreaterThanOrEqual(0);
          epochs.push(record.epoch);
        },
        onProgress: (fraction) => fractions.push(fraction),
        validate: () => validated.push(validated.length + 1),
      });
      expect(epochs).toEqual(epochs.map((_, at) => at + 1));
      expect(epochs.length).toBeGreaterThan(0);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    });

    it('stops within 2 s of an abort, with its reason', async () => {
      const reason = new Error('cancelled');
      await expect(
        train(algorithm, real.trainingData, quick.real, { signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
      const controller = new AbortController();
      let abortedAt = Number.NaN;
      setTimeout(() => {
        abortedAt = performance.now();
        controller.abort(reason);
      }, 50);
      // The defaults, which train longest; a system that is done before the abort has nothing to
      // stop.
      const outcome = await train(algorithm, real.trainingData, {}, { signal: controller.signal }).catch(
        (error: unknown) => error,
      );
      if (!Number.isNaN(abortedAt)) {
        expect(outcome).toBe(reason);
        expect(performance.now() - abortedAt).toBeLessThan(2_000);
      } else {
        expect(name).toBe('POPULARITY');
      }
    });

    it.each<[string, () => TrainingData]>([
      ['an empty catalogue', () => dataOf([], 0)],
      ['nobody with a history', () => dataOf([[], []], 5)],
      [
        'a NaN among the stars',
        () => ({
          ...data,
          interactions: { ...data.interactions, value: data.interactions.value.map(() => Number.NaN) },
        }),
      ],
      [
        'an item outside the catalogue',
        () => ({
          ...data,
          interactions: { ...data.interactions, itemIndex: data.interactions.itemIndex.map(() => ITEMS) },
        }),
      ],
    ])('refuses %s', async (_, make) => {
      await expect(train(algorithm, make(), quick.checkerboard)).rejects.toThrow(UnfitDataError);
    });

    it('refuses hyperparameters that it does not know or cannot use, and describes those it has', () => {
      expect(algorithm.hyperparameters.safeParse({ noSuchThing: 1 }).success).toBe(false);
      const defaults = algorithm.hyperparameters.parse({}) as Record<string, unknown>;
      for (const field of Object.keys(defaults)) {
        for (const bad of [Number.NaN, -1e9, 'no such choice', null]) {
          expect({ field, bad, ok: algorithm.hyperparameters.safeParse({ [field]: bad }).success }).toEqual({
            field,
            bad,
            ok: false,
          });
        }
      }
      const shape = (
        algorithm.hyperparameters as unknown as { shape: Record<string, { description?: string }> }
      ).shape;
      expect(Object.keys(shape).sort()).toEqual(Object.keys(defaults).sort());
      for (const field of Object.values(shape)) expect(field.description).toMatch(/.{10,}/);
    });

    describe('refuses a corrupt artifact:', () => {
      const saved = () => model.save();
      const corrupted = (change: Partial<Artifact>) => () => algorithm.load({ ...saved(), ...change });

      it('of another kind or format', () => {
        expect(corrupted({ kind: 'something-else' })).toThrow(CorruptArtifactError);
        expect(corrupted({ format: 2 as 1 })).toThrow(CorruptArtifactError);
      });

      it('without one of its arrays, or with one cut off or not finite', () => {
        const { arrays } = saved();
        const withArray = (key: string, array: NamedArray | undefined) => {
          const { [key]: _, ...rest } = arrays;
          return corrupted({ arrays: array === undefined ? rest : { ...rest, [key]: array } });
        };
        expect(Object.keys(arrays).length).toBeGreaterThan(0);
        for (const [key, { data: values, shape }] of Object.entries(arrays)) {
          expect(withArray(key, undefined)).toThrow(CorruptArtifactError);
          if (values.length === 0) continue;
          expect(withArray(key, { data: values.slice(1), shape })).toThrow(CorruptArtifactError);
          if (values instanceof Int32Array) continue;
          expect(withArray(key, { data: values.with(values.length - 1, Number.NaN), shape })).toThrow(
            CorruptArtifactError,
          );
        }
      });
    });
  },
);
