import fc from 'fast-check';
import { dataOf } from '../../../test/fixtures/training-data';
import type { TrainingData } from '../interaction-log';
import {
  assertNoLeak,
  historyBefore,
  LeakError,
  MissingTimesError,
  type PreparedSplit,
  prepareSplit,
  Role,
  SPLIT_NAMES,
  SPLIT_SCHEMES,
  type SplitScheme,
} from '../splits';
import { lastVisitStart } from './schemes';

/** Users with up to 30 ratings of 40 items at whole hours and minutes, and some taggings. */
const anyData: fc.Arbitrary<TrainingData> = fc
  .record({
    histories: fc.array(fc.uniqueArray(fc.nat(39), { maxLength: 30 }), { minLength: 1, maxLength: 15 }),
    gaps: fc.infiniteStream(fc.constantFrom(0, 20, 600, 3_599, 3_600, 100_000)),
    tags: fc.array(
      fc.record({
        user: fc.integer({ min: 1, max: 16 }),
        item: fc.nat(39),
        tag: fc.integer({ min: 1, max: 5 }),
      }),
      {
        maxLength: 40,
      },
    ),
  })
  .map(({ histories, gaps, tags }) => {
    const data = dataOf(histories, 40, tags);
    return {
      ...data,
      interactions: {
        ...data.interactions,
        timestamp: risingTimes(data.interactions.offsets, () => gaps.next().value),
      },
    };
  });

function risingTimes(offsets: Int32Array, gap: () => number): Float64Array {
  const times = new Float64Array(offsets[offsets.length - 1]);
  for (let user = 0; user + 1 < offsets.length; user++) {
    let time = 0;
    for (let row = offsets[user]; row < offsets[user + 1]; row++) times[row] = time += gap();
  }
  return times;
}

const pairsOf = (log: TrainingData['interactions']): string[] =>
  Array.from(log.users.ids.keys()).flatMap((user) =>
    Array.from(
      log.itemIndex.subarray(log.offsets[user], log.offsets[user + 1]),
      (item) => `${user}:${item}`,
    ),
  );

describe.each(SPLIT_SCHEMES)('%s', (scheme) => {
  const options = fc.record({ scheme: fc.constant(scheme), seed: fc.nat(1_000), validation: fc.boolean() });

  it('puts every interaction in exactly one part, keeps the vocabularies whole and leaks nothing', () => {
    fc.assert(
      fc.property(anyData, options, (data, chosen) => {
        const split = prepareSplit(data, chosen);
        const { interactions } = split.trainingData;
        expect(interactions.users).toBe(data.interactions.users);
        expect(interactions.items).toBe(data.interactions.items);
        const all = pairsOf(data.interactions);
        expect(pairsOf(interactions)).toEqual(all.filter((_, row) => split.roles[row] === Role.TRAINING));
        for (const name of SPLIT_NAMES) {
          const own = new Set(all.filter((_, row) => split.roles[row] === Role[name]));
          const { users, offsets, relevant } = split.parts[name];
          const toFind = Array.from(users, (user, p) =>
            Array.from(relevant.subarray(offsets[p], offsets[p + 1]), (item) => `${user}:${item}`),
          );
          expect(toFind.every((list) => list.length > 0 && list.every((pair) => own.has(pair)))).toBe(true);
          expect(new Set(toFind.flat()).size).toBe(relevant.length);
        }
        expect(() => assertNoLeak(split.trainingData, split)).not.toThrow();
      }),
    );
  });

  it('shows a history of what is not to be found, in time, and of a stranger no row of training', () => {
    fc.assert(
      fc.property(anyData, options, (data, chosen) => {
        const split = prepareSplit(data, chosen);
        const { interactions } = split.trainingData;
        for (const name of SPLIT_NAMES) {
          split.parts[name].users.forEach((user, p) => {
            const history = historyBefore(split, user, name);
            const { offsets, relevant } = split.parts[name];
            const own = data.interactions.itemIndex.subarray(
              data.interactions.offsets[user],
              data.interactions.offsets[user + 1],
            );
            expect(history.items.length).toBeGreaterThan(0);
            const toFind = new Set(relevant.subarray(offsets[p], offsets[p + 1]));
            expect(history.items.filter((item) => toFind.has(item))).toHaveLength(0);
            const inTime = Array.from(own).filter((item) => history.items.includes(item));
            expect(Array.from(history.items)).toEqual(inTime);
            expect(history.values).toHaveLength(inTime.length);
            expect(history.timestamps).toHaveLength(inTime.length);
            const trained = interactions.offsets[user + 1] > interactions.offsets[user];
            expect(history.userIndex).toBe(trained ? user : undefined);
            if (name === 'TEST') return;
            // What is for test is not known on validation.
            const test = own.filter(
              (_, at) => split.roles[data.interactions.offsets[user] + at] === Role.TEST,
            );
            expect(history.items.filter((item) => test.includes(item))).toHaveLength(0);
          });
        }
      }),
    );
  });

  it('is the same for the same seed, and has nothing for validation when told to', () => {
    fc.assert(
      fc.property(anyData, fc.nat(1_000), (data, seed) => {
        const split = prepareSplit(data, { scheme, seed });
        expect(prepareSplit(data, { scheme, seed }).roles).toEqual(split.roles);
        const last = prepareSplit(data, { scheme, seed, validation: false });
        expect(last.parts.VALIDATION.users).toHaveLength(0);
        const inTest = (roles: Uint8Array) =>
          Array.from(roles, (role) => role === Role.TEST || role === Role.TEST_HISTORY);
        expect(inTest(last.roles)).toEqual(inTest(split.roles));
      }),
    );
  });
});

/** 60 users, each with 20 of 80 items, one every 1,000 s from a start of their own; every rating
 *  has a tag of the same user. */
function community(): TrainingData {
  const histories = Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: 20 }, (_, n) => (user * 7 + n * 3) % 80),
  );
  const tags = histories.flatMap((items, user) => items.map((item) => ({ user: user + 1, item, tag: 1 })));
  const data = dataOf(histories, 80, tags);
  const { offsets } = data.interactions;
  const timestamp = data.interactions.timestamp.map((_, row) => {
    const user = offsets.findIndex((until) => until > row) - 1;
    return 1_000_000 + 5_000 * user + 1_000 * (row - offsets[user]) * (1 + (user % 5));
  });
  const timeOf = new Map(pairsOf(data.interactions).map((pair, row) => [pair, timestamp[row]]));
  const { userIndex, itemIndex } = data.taggings;
  return {
    ...data,
    interactions: { ...data.interactions, timestamp },
    taggings: {
      ...data.taggings,
      timestamp: Float64Array.from(userIndex, (user, row) => timeOf.get(`${user}:${itemIndex[row]}`)!),
    },
    demographics: histories.map(() => ({ gender: 'F', age: 25, occupation: 'artist' })),
  };
}

/** The training data with one row of the full log put back where the last row of the same user's
 *  stands (or next to it). */
function withRating(split: PreparedSplit, planted: number): TrainingData['interactions'] {
  const { full, trainingData } = split;
  const roles = split.roles.slice();
  roles[planted] = Role.TRAINING;
  const kept = Array.from(roles.keys()).filter((row) => roles[row] === Role.TRAINING);
  const offsets = full.offsets.map((until) => kept.filter((row) => row < until).length);
  return {
    ...trainingData.interactions,
    offsets,
    itemIndex: Int32Array.from(kept, (row) => full.itemIndex[row]),
    value: Float32Array.from(kept, (row) => full.value[row]),
    timestamp: Float64Array.from(kept, (row) => full.timestamp[row]),
  };
}

describe('leaks', () => {
  const data = community();
  const words: Record<SplitScheme, RegExp> = {
    LEAVE_LAST_OUT: /held-out item \d+ of user \d+ is among the training ratings/,
    HOLDOUT: /held-out item \d+ of user \d+ is among the training ratings/,
    NEW_USERS: /by user \d+, who must be new, is among the training ratings/,
    COLD_ITEMS: /of item \d+, which must be cold, is among the training ratings/,
    TIME: /by user \d+, made after the cut, is among the training ratings/,
    LAST_VISIT: /held-out item \d+ of user \d+ is among the training ratings/,
  };

  describe.each(SPLIT_SCHEMES)('%s', (scheme) => {
    const split = prepareSplit(data, { scheme });
    const { taggings } = split.trainingData;

    it.each(Object.entries(Role).filter(([name]) => name !== 'TRAINING'))(
      'finds a planted rating of the part %s',
      (_, role) => {
        const row = split.roles.indexOf(role);
        const isUsed = scheme === 'NEW_USERS' || role === Role.VALIDATION || role === Role.TEST;
        expect(row >= 0).toBe(isUsed);
        if (!isUsed) return;
        const look = () => assertNoLeak({ interactions: withRating(split, row), taggings }, split);
        expect(look).toThrow(LeakError);
        expect(look).toThrow(words[scheme]);
      },
    );

    it('leaves out the tags that tell, and finds one that is put back', () => {
      expect(() => assertNoLeak(split.trainingData, split)).not.toThrow();
      // Every rating has its tag: those of the training ratings stay.
      const trained = split.roles.filter((role) => role === Role.TRAINING).length;
      expect(taggings.tagIndex).toHaveLength(trained);
      expect(trained).toBeLessThan(data.taggings.tagIndex.length);
      const look = () => assertNoLeak({ ...split.trainingData, taggings: data.taggings }, split);
      expect(look).toThrow(LeakError);
      expect(look).toThrow(/^A tag of .*user \d+.* item \d+ is among the training tags/);
    });
  });

  it('knows nothing of who a new user is until that user comes', () => {
    const split = prepareSplit(data, { scheme: 'NEW_USERS' });
    for (const user of split.parts.TEST.users) {
      expect(split.trainingData.demographics![user].gender).toBeNull();
      expect(historyBefore(split, user, 'TEST').demographics).toEqual(data.demographics![user]);
    }
    expect(split.trainingData.demographics!.filter(({ gender }) => gender === 'F')).toHaveLength(60 - 12);
  });

  it('finds a rating of a new user or a cold item that the full log does not have', () => {
    const users = prepareSplit(data, { scheme: 'NEW_USERS' });
    const items = prepareSplit(data, { scheme: 'COLD_ITEMS' });
    const moved = (
      log: TrainingData['interactions'],
      from: number,
      to: Partial<{ user: number; item: number }>,
    ) => {
      const itemIndex = log.itemIndex.slice();
      if (to.item !== undefined) itemIndex[from] = to.item;
      const offsets = log.offsets.slice();
      if (to.user !== undefined)
        for (let user = to.user + 1; user < offsets.length; user++)
          offsets[user] = Math.max(offsets[user], offsets[to.user] + 1);
      return { ...log, itemIndex, offsets };
    };
    const [stranger] = users.parts.TEST.users;
    const [coldOne] = items.parts.TEST.candidates!;
    const ofStranger = moved(users.trainingData.interactions, 0, { user: stranger });
    expect(() => assertNoLeak({ ...users.trainingData, interactions: ofStranger }, users)).toThrow(
      /must be new/,
    );
    const ofItem = moved(items.trainingData.interactions, 0, { item: coldOne });
    expect(() => assertNoLeak({ ...items.trainingData, interactions: ofItem }, items)).toThrow(
      /must be cold/,
    );
  });

  it('drops under TIME a tagging after the cut, or of an unknown time, on an item rated before it', () => {
    const split = prepareSplit(data, { scheme: 'TIME' });
    const late = {
      ...data.taggings,
      timestamp: data.taggings.timestamp!.map((time, row) =>
        row < 3 ? [9e9, Number.NaN, time][row] : time,
      ),
    };
    const again = prepareSplit({ ...data, taggings: late }, { scheme: 'TIME' });
    expect(again.trainingData.taggings.tagIndex).toHaveLength(
      split.trainingData.taggings.tagIndex.length - 2,
    );
    const { timestamp: _, ...timeless } = data.taggings;
    expect(
      prepareSplit({ ...data, taggings: timeless }, { scheme: 'TIME' }).trainingData.taggings.tagIndex,
    ).toHaveLength(0);
  });
});

describe('sizes', () => {
  const data = community();
  const countOf = (split: PreparedSplit, role: Role) => split.roles.filter((own) => own === role).length;

  it('HOLDOUT takes a fifth of each user for test and a tenth of the rest for validation; who has fewer than five stays', () => {
    const split = prepareSplit(data, { scheme: 'HOLDOUT' });
    expect(Array.from(split.parts.TEST.offsets)).toEqual(Array.from({ length: 61 }, (_, user) => 4 * user));
    expect(Array.from(split.parts.VALIDATION.offsets)).toEqual(
      Array.from({ length: 61 }, (_, user) => 2 * user),
    );
    const small = prepareSplit(
      dataOf(
        [
          [1, 2, 3, 4],
          [1, 2, 3, 4, 5],
        ],
        9,
      ),
      { scheme: 'HOLDOUT' },
    );
    expect(Array.from(small.parts.TEST.users)).toEqual([1]);
    expect(small.parts.TEST.relevant).toHaveLength(1);
    expect(small.parts.VALIDATION.relevant).toHaveLength(1);
  });

  it('HOLDOUT draws for a user by seed and id, whoever else is there', () => {
    const own = Array.from({ length: 20 }, (_, item) => item);
    const alone = prepareSplit(dataOf([own], 80), { scheme: 'HOLDOUT' });
    const among = prepareSplit(dataOf([own, ...Array.from({ length: 9 }, () => [5, 6, 7, 8, 9, 10])], 80), {
      scheme: 'HOLDOUT',
    });
    expect(Array.from(among.roles.subarray(0, 20))).toEqual(Array.from(alone.roles));
    expect(prepareSplit(dataOf([own], 80), { scheme: 'HOLDOUT', seed: 2 }).roles).not.toEqual(alone.roles);
  });

  it('NEW_USERS draws a tenth of the users for each part, and shows four fifths of each', () => {
    const split = prepareSplit(data, { scheme: 'NEW_USERS' });
    expect(split.parts.TEST.users).toHaveLength(6);
    expect(split.parts.VALIDATION.users).toHaveLength(6);
    expect(countOf(split, Role.TEST_HISTORY)).toBe(6 * 16);
    expect(historyBefore(split, split.parts.TEST.users[0], 'TEST').items).toHaveLength(16);
    expect(
      prepareSplit(dataOf([[1, 2, 3, 4, 5], [1]], 9), { scheme: 'NEW_USERS' }).parts.TEST.users,
    ).toHaveLength(0);
  });

  it('COLD_ITEMS takes every rating of a tenth of the items; these compete among themselves, and stay cold on TEST', () => {
    const split = prepareSplit(data, { scheme: 'COLD_ITEMS' });
    const { TEST, VALIDATION } = split.parts;
    expect(TEST.candidates).toHaveLength(8);
    expect(VALIDATION.candidates).toHaveLength(8);
    const cold = new Set([...TEST.candidates!, ...VALIDATION.candidates!]);
    expect(cold.size).toBe(16);
    expect(split.trainingData.interactions.itemIndex.filter((item) => cold.has(item))).toHaveLength(0);
    for (const user of TEST.users)
      expect(historyBefore(split, user, 'TEST').items.filter((item) => cold.has(item))).toHaveLength(0);
    expect(TEST.relevant.every((item) => TEST.candidates!.includes(item))).toBe(true);
  });

  it('TIME cuts once for everybody, between two seconds', () => {
    const split = prepareSplit(data, { scheme: 'TIME' });
    const times = (role: Role) => split.full.timestamp.filter((_, row) => split.roles[row] === role);
    expect(Math.max(...times(Role.TRAINING))).toBeLessThan(Math.min(...times(Role.VALIDATION)));
    expect(Math.max(...times(Role.VALIDATION))).toBeLessThan(Math.min(...times(Role.TEST)));
    expect(countOf(split, Role.TEST)).toBeGreaterThanOrEqual(120);
    expect(countOf(split, Role.TEST)).toBeLessThan(140);
  });

  it.each(['TIME', 'LAST_VISIT'] as const)('%s says which rating has no time', (scheme) => {
    const timestamp = data.interactions.timestamp.slice();
    timestamp[25] = Number.NaN;
    const timeless = { ...data, interactions: { ...data.interactions, timestamp } };
    expect(() => prepareSplit(timeless, { scheme })).toThrow(MissingTimesError);
    expect(() => prepareSplit(timeless, { scheme })).toThrow(/rating of movie 22 by user 2\.$/);
  });

  it('LAST_VISIT holds out the last run without an hour between two ratings, and before it the last but one', () => {
    const plain = dataOf(
      [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 2],
        [0, 1, 2],
      ],
      9,
    );
    const timestamp = Float64Array.of(
      0,
      10_000,
      13_599,
      17_199,
      17_200,
      17_200,
      0,
      10,
      5_000,
      0,
      5_000,
      10_000,
    );
    const split = prepareSplit(
      { ...plain, interactions: { ...plain.interactions, timestamp } },
      { scheme: 'LAST_VISIT' },
    );
    const { TEST, VALIDATION } = split.parts;
    expect([TEST.users, TEST.relevant].map((list) => Array.from(list))).toEqual([
      [0, 1, 2],
      [3, 4, 5, 2, 2],
    ]);
    expect(Array.from(VALIDATION.relevant)).toEqual([1, 2, 1]);
    expect(Array.from(historyBefore(split, 0, 'TEST').items)).toEqual([0, 1, 2]);
  });

  it('lastVisitStart is the start of the maximal suffix with gaps below an hour', () => {
    const rising = fc.array(fc.constantFrom(0, 1, 3_599, 3_600, 9_999), { maxLength: 12 });
    fc.assert(
      fc.property(rising, (gaps) => {
        let time = 0;
        const timestamp = Float64Array.from(gaps, (gap) => (time += gap));
        const start = lastVisitStart({ timestamp }, 0, timestamp.length);
        for (let row = start + 1; row < timestamp.length; row++)
          expect(timestamp[row] - timestamp[row - 1]).toBeLessThan(3_600);
        if (start > 0) expect(timestamp[start] - timestamp[start - 1]).toBeGreaterThanOrEqual(3_600);
        expect(start < timestamp.length || timestamp.length === 0).toBe(true);
      }),
    );
  });
});
