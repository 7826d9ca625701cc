/** What every system must do: one contract for movies and tags, and what only one of the tasks
 *  asks. A new system needs a row in QUICK, or in QUICK_TAGS, only if its defaults take seconds
 *  here. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { contextOf } from '../../test/fixtures/fit-context';
import { allPairs, HELD_OUT, ITEM_TAG, OWN_TAG, tagData, tooFew } from '../../test/fixtures/tag-world';
import { dataOf } from '../../test/fixtures/training-data';
import { validationObjective } from '../evaluation/validation-objective';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../interactions/build';
import { historyOf } from '../interactions/history';
import type { TrainingData, UserHistory } from '../interactions/interaction-log';
import { prepareSplit } from '../interactions/splits';
import { buildTagPosts } from '../interactions/tag-posts';
import { Random } from '../numeric/random';
import {
  type Artifact,
  CorruptArtifactError,
  decodeArtifact,
  encodeArtifact,
  type NamedArray,
} from './artifact';
import { popularity as popularitySystem } from './popularity';
import {
  type DataOf,
  type FitContext,
  type Model,
  type QueryOf,
  type System,
  type Task,
  UnfitDataError,
} from './system';
import { MOVIE_SYSTEMS, type MovieSystemName, TAG_SYSTEMS, type TagSystemName } from './systems';
import { readTagIds } from './tag-tower/tag-ids';

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
const QUICK_TAGS: Partial<Record<TagSystemName, object>> = {
  PITF_TAGS: { embeddingSize: 8, epochs: 150 },
  TAG_TOWER: { embeddingSize: 4, epochs: 40, batchSize: 8 },
};

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

const train = <T extends Task>(
  system: System<T>,
  data: DataOf<T>,
  hyperparameters: object,
  context: Partial<FitContext<T>> = {},
): Promise<Model<T>> =>
  system.fit(data, system.hyperparameters.parse(hyperparameters), contextOf<T>(context));

const historiesOf = ({ interactions, demographics }: TrainingData): UserHistory[] =>
  Array.from(interactions.users.ids, (_, user) =>
    historyOf(interactions, user, undefined, demographics?.[user]),
  );

const bytesOf = <T extends Task>(model: Model<T>): Buffer => Buffer.from(encodeArtifact(model.save()));

/** A small data set whose answers are known by construction. */
interface World<T extends Task> {
  readonly data: DataOf<T>;
  readonly itemCount: number;
  /** [B] what the model is asked */
  readonly queries: readonly QueryOf<T>[];
  /** Queries that training has not seen; the last one is of nobody and nothing */
  readonly strangers: readonly QueryOf<T>[];
  /** Data that there is nothing to learn from, and the message */
  readonly unfit: Readonly<Record<string, { readonly data: () => DataOf<T>; readonly message: RegExp }>>;
}

/** What the systems of both tasks must do.
 *  @param quick hyperparameters that train in seconds
 *  @returns where the trained model is, once the tests run */
function conforms<T extends Task>(system: System<T>, world: World<T>, quick: object): { model: Model<T> } {
  const trained = {} as { model: Model<T> };
  const { data, itemCount, queries, strangers } = world;
  const scoresOf = (model: Model<T>) => Array.from(model.score([...queries, ...strangers]));

  beforeAll(async () => {
    trained.model = await train(system, data, quick);
  });

  it('gives every query and item a finite score', () => {
    const { model } = trained;
    const scores = scoresOf(model);
    expect([model.name, model.itemCount]).toEqual([system.name, itemCount]);
    expect(model.space !== null).toBe(system.servable);
    expect(scores).toHaveLength((queries.length + strangers.length) * itemCount);
    expect(scores.filter((score) => !Number.isFinite(score))).toEqual([]);
    expect(model.score([])).toHaveLength(0);
  });

  it('scores a query alone as it does among others, seen in training or not, and none at all', () => {
    const all = scoresOf(trained.model);
    [queries[1], ...strangers].forEach((query, at) => {
      const start = (at === 0 ? 1 : queries.length + at - 1) * itemCount;
      expect(Array.from(trained.model.score([query]))).toEqual(all.slice(start, start + itemCount));
    });
  });

  it('is bit-identical for the same seed on one back end, and reads its seed if it draws', async () => {
    const bytes = bytesOf(trained.model);
    expect(bytesOf(await train(system, data, quick)).equals(bytes)).toBe(true);
    const other = bytesOf(await train(system, data, quick, { seed: 2 } as Partial<FitContext<T>>));
    expect(other.equals(bytes)).toBe(system.seedless);
  });

  it('saves, loads and scores the same', () => {
    const loaded = system.load(decodeArtifact(bytesOf(trained.model)));
    expect([loaded.name, loaded.itemCount]).toEqual([system.name, itemCount]);
    expect(scoresOf(loaded)).toEqual(scoresOf(trained.model));
    expect(bytesOf(loaded).equals(bytesOf(trained.model))).toBe(true);
  });

  it('does not start after an abort, and throws its reason', async () => {
    const reason = new Error('cancelled');
    const signal = AbortSignal.abort(reason);
    await expect(train(system, data, quick, { signal } as Partial<FitContext<T>>)).rejects.toBe(reason);
  });

  it.each(Object.entries(world.unfit))('refuses %s', async (_, { data: unfit, message }) => {
    const fit = train(system, unfit(), quick);
    await expect(fit).rejects.toThrow(UnfitDataError);
    await expect(fit).rejects.toThrow(message);
  });

  it('refuses hyperparameters that it does not know or cannot use', () => {
    expect(system.hyperparameters.safeParse({ noSuchThing: 1 }).success).toBe(false);
    const defaults = system.hyperparameters.parse({}) as Record<string, unknown>;
    for (const field of Object.keys(defaults)) {
      for (const bad of [Number.NaN, -1e9, 'no such choice', null]) {
        const ok = system.hyperparameters.safeParse({ [field]: bad }).success;
        expect({ field, bad, ok }).toEqual({ field, bad, ok: false });
      }
    }
  });

  it('refuses an artifact of another kind or format, without an array, or with one cut off or not finite', () => {
    const artifact = trained.model.save();
    const corrupted = (change: Partial<Artifact>) => () => system.load({ ...artifact, ...change });
    const withArray = (key: string, array: NamedArray | undefined) => {
      const { [key]: _, ...rest } = artifact.arrays;
      return corrupted({ arrays: array === undefined ? rest : { ...rest, [key]: array } });
    };
    expect(corrupted({ kind: 'something-else' })).toThrow(CorruptArtifactError);
    expect(corrupted({ format: 2 as 1 })).toThrow(CorruptArtifactError);
    expect(Object.keys(artifact.arrays).length).toBeGreaterThan(0);
    for (const [key, { data: values, shape }] of Object.entries(artifact.arrays)) {
      expect(withArray(key, undefined)).toThrow(CorruptArtifactError);
      if (values.length === 0) continue;
      expect(withArray(key, { data: values.slice(1), shape })).toThrow(CorruptArtifactError);
      if (values instanceof Int32Array) continue;
      const spoiled = values.with(values.length - 1, Number.NaN);
      expect(withArray(key, { data: spoiled, shape })).toThrow(CorruptArtifactError);
    }
  });

  return trained;
}

const board = checkerboard();
const [someone] = historiesOf(board.data);
const changed = (column: 'value' | 'itemIndex', to: number): TrainingData => ({
  ...board.data,
  interactions: { ...board.data.interactions, [column]: board.data.interactions[column].map(() => to) },
});
const movies: World<'MOVIES'> = {
  data: board.data,
  itemCount: ITEMS,
  queries: historiesOf(board.data),
  strangers: [
    { items: someone.items, values: someone.values, timestamps: someone.timestamps },
    { items: new Int32Array(0), values: new Float32Array(0), timestamps: new Float64Array(0) },
  ],
  unfit: {
    'an empty catalogue': { data: () => dataOf([], 0), message: /./ },
    'nobody with a history': { data: () => dataOf([[], []], 5), message: /./ },
    'a NaN among the stars': { data: () => changed('value', Number.NaN), message: /./ },
    'an item outside the catalogue': { data: () => changed('itemIndex', ITEMS), message: /./ },
  },
};

// Read once for all systems.
const real = prepareSplit(latestSmall());
const objective = validationObjective(real)!;

describe.each(MOVIE_SYSTEMS.map((system) => ({ name: system.name, system })))(
  '$name',
  ({ name, system }) => {
    const quick = quickOf(name);
    const trained = conforms<'MOVIES'>(system, movies, quick.checkerboard);

    // Popularity cannot: that is what it is the reference for.
    (name === 'POPULARITY' ? it.skip : it)('recovers the withheld item of a checkerboard', () => {
      const scores = trained.model.score(movies.queries);
      const found = board.withheld.filter((item, user) => {
        const own = scores.subarray(user * ITEMS, (user + 1) * ITEMS);
        return own.every((score, other) => other % 2 === user % 2 || score < own[item]);
      });
      expect(found.length).toBeGreaterThanOrEqual(0.95 * USERS);
    });

    it('scores by minus the squared distance, when it has a space', () => {
      const { space } = trained.model;
      if (space === null) return;
      const d = space.embeddingSize;
      expect(Array.from(space.itemIds)).toEqual(Array.from(board.data.interactions.items.ids));
      const scores = trained.model.score(movies.queries);
      movies.queries.forEach((history, user) => {
        const point = space.userPoint(history);
        for (let item = 0; item < ITEMS; item++) {
          const squared = point.reduce((sum, x, n) => sum + (x - space.itemPoints[item * d + n]) ** 2, 0);
          const error = Math.abs(scores[user * ITEMS + item] + squared);
          expect(error).toBeLessThanOrEqual(1e-4 * Math.max(1, squared));
        }
      });
    });

    it('beats popularity on real data, or equals it if it is popularity', async () => {
      const popularity = objective(await train(popularitySystem, real.trainingData, {}));
      const own = objective(await train<'MOVIES'>(system, real.trainingData, quick.real));
      if (name === 'POPULARITY') expect(own).toBe(popularity);
      else expect(own).toBeGreaterThan(1.1 * popularity);
    });

    it('reports its epochs with a finite loss, and its progress up to 1', async () => {
      const epochs: number[] = [];
      const fractions: number[] = [];
      const validated: number[] = [];
      await train<'MOVIES'>(system, board.data, quick.checkerboard, {
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
      const controller = new AbortController();
      let abortedAt = Number.NaN;
      setTimeout(() => {
        abortedAt = performance.now();
        controller.abort(reason);
      }, 50);
      // The defaults, which train longest; a system that is done before the abort has nothing to
      // stop.
      const fit = train<'MOVIES'>(system, real.trainingData, {}, { signal: controller.signal });
      const outcome = await fit.catch((error: unknown) => error);
      if (!Number.isNaN(abortedAt)) {
        expect(outcome).toBe(reason);
        expect(performance.now() - abortedAt).toBeLessThan(2_000);
      } else {
        expect(name).toBe('POPULARITY');
      }
    });
  },
);

const { taggings } = tagData;
const tags: World<'TAGS'> = {
  data: tagData,
  itemCount: taggings.tags.size,
  queries: allPairs,
  strangers: [
    { user: -1, item: 2 },
    { user: 3, item: -1 },
    { user: -1, item: -1 },
  ],
  unfit: {
    'no taggings': { data: () => ({ ...tagData, taggings: dataOf([[0]], 1).taggings }), message: /./ },
    'an unknown user': { data: () => ({ ...tagData, users: tooFew }), message: /^Row \d+ has a user/ },
    'an unknown item': { data: () => ({ ...tagData, items: tooFew }), message: /^Row \d+ has an item/ },
    'an unknown tag': {
      data: () => ({ ...tagData, taggings: { ...taggings, tagIndex: taggings.tagIndex.map(() => 99) } }),
      message: /^Row 0 has a tag/,
    },
  },
};
/** What is in first place for the held-out post, by construction. */
const FOUND: Record<TagSystemName, readonly number[]> = {
  POPULAR_TAGS: [],
  POPULAR_TAGS_BY_USER: [OWN_TAG],
  POPULAR_TAGS_BY_ITEM: [ITEM_TAG],
  POPULAR_TAGS_MIX: [OWN_TAG, ITEM_TAG],
  PITF_TAGS: [OWN_TAG, ITEM_TAG],
  TAG_TOWER: [OWN_TAG, ITEM_TAG],
};

describe.each(TAG_SYSTEMS.map((system) => ({ name: system.name, system })))('$name', ({ name, system }) => {
  const quick = QUICK_TAGS[name] ?? {};
  const trained = conforms<'TAGS'>(system, tags, quick);

  it('finds the tags of a post that it has never seen', () => {
    const scores = trained.model.score([HELD_OUT]);
    const ranked = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
    expect(ranked.slice(0, FOUND[name].length).sort()).toEqual([...FOUND[name]].sort());
  });

  it('keeps the ids of users, items and tags, and refuses an artifact whose ids do not fit', () => {
    const artifact = trained.model.save();
    expect(readTagIds(artifact)).toEqual({
      users: tagData.users.ids,
      items: tagData.items.ids,
      tags: taggings.tags.ids,
    });
    for (const key of ['userIds', 'itemIds', 'tagIds']) {
      for (const data of [Int32Array.of(1), new Int32Array(tags.itemCount)]) {
        const arrays = { ...artifact.arrays, [key]: { data, shape: [data.length] } };
        expect(() => system.load({ ...artifact, arrays })).toThrow(CorruptArtifactError);
      }
    }
  });

  it('stops in the middle of training, with the reason', async () => {
    // The counts are done at once: there is no middle.
    if (name.startsWith('POPULAR'))
      return expect(Object.keys(system.hyperparameters.parse({}) as object)).not.toContain('epochs');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const onEpoch = ({ epoch }: { epoch: number }): void => void (epoch === 2 && controller.abort(reason));
    const long = { ...quick, epochs: 1_000 };
    await expect(train<'TAGS'>(system, tagData, long, { signal: controller.signal, onEpoch })).rejects.toBe(
      reason,
    );
  });

  it('takes taggings of people who rated nothing', async () => {
    const anonymous = {
      ...taggings,
      userIndex: taggings.userIndex.map((user) => (user === 4 ? -1 : user)),
    };
    const learned = await train<'TAGS'>(system, { ...tagData, taggings: anonymous }, quick);
    expect(learned.score([{ user: 4, item: 3 }]).every(Number.isFinite)).toBe(true);
    expect(buildTagPosts(anonymous).user.filter((user) => user < 0)).toHaveLength(2 * 7);
  });
});
