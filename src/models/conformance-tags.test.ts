/** What every system that ranks tags must do. */

import { dataOf, type TestTagging } from '../../test/fixtures/training-data';
import { buildTagPosts } from '../interactions/tag-posts';
import { Vocabulary } from '../interactions/vocabulary';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from './artifact';
import { type FitContext, type Model, type TagTrainingData, UnfitDataError } from './system';
import { TAG_SYSTEMS, type TagSystemName } from './systems';
import { evidenceOf } from './tag-tower/tag-evidence';
import { readTagIds } from './tag-tower/tag-ids';
import { tagTower } from './tag-tower/tag-tower';

/** Small worlds want few dimensions and short training. */
const SMALL: Partial<Record<TagSystemName, object>> = {
  PITF_TAGS: { embeddingSize: 8, epochs: 150 },
  TAG_TOWER: { embeddingSize: 4, epochs: 40, batchSize: 8 },
};
const USERS = 6;
const ITEMS = 7;
/** Item 6 is held out for user 0; user 5 and item 6's index exist for everyone. */
const HELD_OUT = { user: 0, item: 6 };

/** User u puts a tag of their own (u) and the item's tag (10 + i) on every item. */
const taggings: TestTagging[] = Array.from({ length: USERS * ITEMS }, (_, at) => ({
  user: Math.floor(at / ITEMS),
  item: at % ITEMS,
}))
  .filter(({ user, item }) => user !== HELD_OUT.user || item !== HELD_OUT.item)
  .flatMap(({ user, item }) => [
    { user: user + 1, item, tag: user },
    { user: user + 1, item, tag: 10 + item },
  ]);
const everyone = Array.from({ length: USERS }, () => Array.from({ length: ITEMS }, (_, item) => item));
const { interactions, taggings: log } = dataOf(everyone, ITEMS, taggings);
const { users, items } = interactions;
const data: TagTrainingData = { taggings: log, users, items };
const few = (count: number) => new Vocabulary(Int32Array.from({ length: count }, (_, id) => id));
const tagOf = (id: number): number => log.tags.indexOf(id) ?? -1;

function context(given: Partial<FitContext<'TAGS'>> = {}): FitContext<'TAGS'> {
  return {
    seed: 1,
    backend: 'cpu',
    signal: new AbortController().signal,
    onEpoch() {},
    onProgress() {},
    ...given,
  };
}

function best(model: Model<'TAGS'>, pair: { user: number; item: number }, k: number): number[] {
  const scores = model.score([pair]);
  return Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a])
    .slice(0, k);
}

/** What is in first place, by construction. */
const KNOWN: Record<TagSystemName, readonly number[]> = {
  POPULAR_TAGS: [],
  POPULAR_TAGS_BY_USER: [tagOf(0)],
  POPULAR_TAGS_BY_ITEM: [tagOf(16)],
  POPULAR_TAGS_MIX: [tagOf(0), tagOf(16)],
  PITF_TAGS: [tagOf(0), tagOf(16)],
  TAG_TOWER: [tagOf(0), tagOf(16)],
};

describe.each(TAG_SYSTEMS.map((recommender) => ({ name: recommender.name, recommender })))(
  '$name',
  ({ name, recommender }) => {
    const settings = recommender.hyperparameters.parse(SMALL[name] ?? {});
    let model: Model<'TAGS'>;
    beforeAll(async () => {
      model = await recommender.fit(data, settings, context());
    });

    it('says who it is, and scores every tag of every pair with a finite number', () => {
      expect([recommender.name, model.name, model.itemCount]).toEqual([name, name, log.tags.size]);
      expect(model.space !== null).toBe(recommender.servable);
      const scores = model.score([
        HELD_OUT,
        { user: 3, item: 2 },
        { user: -1, item: 2 },
        { user: 3, item: -1 },
        { user: -1, item: -1 },
      ]);
      expect(scores).toHaveLength(5 * log.tags.size);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(model.score([{ user: 3, item: 2 }])).toEqual(scores.slice(log.tags.size, 2 * log.tags.size));
      expect(model.score([])).toHaveLength(0);
    });

    it('finds the tags of a post that it has never seen', () => {
      const known = KNOWN[name];
      expect(best(model, HELD_OUT, known.length).sort()).toEqual([...known].sort());
    });

    it('is the same for the same seed, in memory and after it was stored', async () => {
      const pairs = everyone.flatMap((items, user) => items.map((item) => ({ user, item })));
      expect((await recommender.fit(data, settings, context())).score(pairs)).toEqual(model.score(pairs));
      const stored = recommender.load(decodeArtifact(encodeArtifact(model.save())));
      expect(stored.score(pairs)).toEqual(model.score(pairs));
      expect(stored.score([{ user: -1, item: -1 }])).toEqual(model.score([{ user: -1, item: -1 }]));
      expect(readTagIds(stored.save())).toEqual({ users: users.ids, items: items.ids, tags: log.tags.ids });
    });

    it('refuses what it cannot learn from, and settings that are none', async () => {
      const empty = { ...data, taggings: dataOf([[0]], 1).taggings };
      await expect(recommender.fit(empty, settings, context())).rejects.toThrow(UnfitDataError);
      await expect(recommender.fit({ ...data, users: few(2) }, settings, context())).rejects.toThrow(
        /^Row \d+ has a user/,
      );
      await expect(recommender.fit({ ...data, items: few(2) }, settings, context())).rejects.toThrow(
        /^Row \d+ has an item/,
      );
      const wrongTag = { ...data, taggings: { ...log, tagIndex: log.tagIndex.map(() => 99) } };
      await expect(recommender.fit(wrongTag, settings, context())).rejects.toThrow('Row 0 has a tag');
      expect(recommender.hyperparameters.safeParse({ unknown: 1 }).success).toBe(false);
    });

    it('stops when it is told to', async () => {
      const reason = new Error('cancelled');
      await expect(
        recommender.fit(data, settings, context({ signal: AbortSignal.abort(reason) })),
      ).rejects.toBe(reason);
    });

    it('stops in the middle as well', async () => {
      // The counts are done at once: there is no middle.
      if (name.startsWith('POPULAR'))
        return expect(Object.keys(settings as object).includes('epochs')).toBe(false);
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const long = recommender.hyperparameters.parse({ ...SMALL[name], epochs: 1_000 });
      const onEpoch = ({ epoch }: { epoch: number }): void => void (epoch === 2 && controller.abort(reason));
      await expect(recommender.fit(data, long, context({ signal: controller.signal, onEpoch }))).rejects.toBe(
        reason,
      );
    });

    it('refuses a damaged artifact', () => {
      const artifact = model.save();
      expect(() => recommender.load({ ...artifact, kind: 'ELSE' })).toThrow(CorruptArtifactError);
      for (const array of Object.keys(artifact.arrays)) {
        const { [array]: _, ...rest } = artifact.arrays;
        expect(() => recommender.load({ ...artifact, arrays: rest })).toThrow(CorruptArtifactError);
      }
      for (const name of ['userIds', 'itemIds', 'tagIds']) {
        for (const data of [Int32Array.of(1), new Int32Array(model.itemCount)]) {
          const arrays = { ...artifact.arrays, [name]: { data, shape: [data.length] } };
          expect(() => recommender.load({ ...artifact, arrays })).toThrow(CorruptArtifactError);
        }
      }
    });

    it('takes taggings of people who rated nothing', async () => {
      const anonymous = { ...log, userIndex: log.userIndex.map((user) => (user === 4 ? -1 : user)) };
      const learned = await recommender.fit({ ...data, taggings: anonymous }, settings, context());
      expect(learned.score([{ user: 4, item: 3 }]).every(Number.isFinite)).toBe(true);
      expect(buildTagPosts(anonymous).user.filter((user) => user < 0)).toHaveLength(2 * ITEMS);
    });
  },
);

it('keeps the best epoch of the tag tower by the validation metric, and says what each was worth', async () => {
  const settings = tagTower.hyperparameters.parse({ ...SMALL.TAG_TOWER, epochs: 4 });
  const worth = [0.1, 0.4, 0.2, 0.3];
  const seen: Float32Array[] = [];
  const validate = (model: Model<'TAGS'>): number => worth[seen.push(model.score([HELD_OUT])) - 1];
  const records: (number | undefined)[] = [];
  const kept = await tagTower.fit(
    data,
    settings,
    context({ validate, onEpoch: ({ validationMetric }) => records.push(validationMetric) }),
  );
  expect(records).toEqual(worth);
  expect(kept.score([HELD_OUT])).toEqual(seen[1]);
  expect(seen[1]).not.toEqual(seen[3]);
});

it('reads a tag tower that was stored before there was a fifth source, and scores as it did', async () => {
  const settings = tagTower.hyperparameters.parse(SMALL.TAG_TOWER);
  const model = await tagTower.fit(data, settings, context());
  const artifact = model.save();
  const { userTrust, itemTrust, mixture, ...others } = artifact.arrays;
  const { trustRegularization, ...formerSettings } = artifact.settings;
  const theta = Array.from(mixture.data);
  const former = Float32Array.from([...theta.slice(0, 4), ...theta.slice(5, 9), theta[10]]);
  const stored = {
    ...artifact,
    settings: formerSettings,
    arrays: { ...others, mixture: { data: former, shape: [9] } },
  };
  const loaded = tagTower.load(decodeArtifact(encodeArtifact(stored)));

  // By the formula of the four sources.
  const evidence = evidenceOf(buildTagPosts(log)).evidence.of(0, 6);
  const expected = Array.from({ length: log.tags.size }, (_, tag) => {
    const at = evidence.tags.subarray(0, evidence.size).indexOf(tag);
    if (at < 0) return 0;
    let mixed = 1;
    for (let s = 0; s < 4; s++) {
      const gate = artifact.arrays[s % 2 === 0 ? 'userGate' : 'itemGate'].data[tag];
      mixed +=
        (Math.exp(former[s] + gate) * evidence.counts[s][at]) /
        (evidence.totals[s] + Math.exp(former[4 + s]));
    }
    return (artifact.arrays.prior.data[tag] + Math.exp(former[8]) * Math.log(mixed)) / 2;
  });
  const point = loaded.space?.pairPoint(0, 6, evidence);
  for (const [tag, value] of expected.entries())
    if (value !== 0) expect(point?.p[tag]).toBeCloseTo(value, 12);
  expect(expected.filter((value) => value !== 0).length).toBeGreaterThan(5);
  expect(tagTower.load(loaded.save()).score([HELD_OUT])).toEqual(loaded.score([HELD_OUT]));
});
