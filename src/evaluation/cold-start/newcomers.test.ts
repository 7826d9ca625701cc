import { dataOf } from '../../../test/fixtures/training-data';
import type { UserHistory } from '../../interactions/interaction-log';
import { prepareSplit } from '../../interactions/splits';

import { type Model } from '../../models/system';

import { Random } from '../../numeric/random';
import { KNOWN_RATINGS } from './curve';
import { measureNewcomers } from './newcomers';

const ITEMS = 200;
/** Each rates 40 items in a row, from a start of their own. */
const histories = Array.from({ length: 60 }, (_, user) =>
  Array.from({ length: 40 }, (_, turn) => (user * 7 + turn) % ITEMS),
);
const split = prepareSplit(dataOf(histories, ITEMS), { scheme: 'NEW_USERS' });

function modelOf(scoreOne: (history: UserHistory, out: Float32Array) => void): Model {
  return {
    name: 'POPULARITY',
    itemCount: ITEMS,
    space: null,
    score: (batch) => {
      const scores = new Float32Array(batch.length * ITEMS);
      batch.forEach((history, b) => {
        scoreOne(history, scores.subarray(b * ITEMS, (b + 1) * ITEMS));
      });
      return scores;
    },
    save: () => ({ kind: 'test', format: 1, settings: {}, arrays: {} }),
  };
}
/** Knows that what follows the newest rating comes next. */
const clairvoyant = modelOf(({ items }, out) => {
  for (let ahead = 1; ahead <= 10; ahead++) out[(items[items.length - 1] + ahead) % ITEMS] = 1 / ahead;
});

describe('the curve of newcomers', () => {
  it('is 1 at every number of ratings for a model that knows what comes next, and the prior without any', async () => {
    const rows = await measureNewcomers(clairvoyant, split);
    expect(rows).toHaveLength(2 * KNOWN_RATINGS.length);
    for (const { knownRatings, mean, ciLow, ciHigh, users } of rows) {
      expect(users).toBe(6);
      if (knownRatings > 0) expect([mean, ciLow, ciHigh]).toEqual([1, 1, 1]);
      else expect(mean).toBeLessThan(0.5);
    }
  });

  it('shows the model the first n ratings and no more, of people without a row in training', async () => {
    const shown = new Map<number, number[][]>();
    await measureNewcomers(
      modelOf(({ items, userIndex }) => {
        expect(userIndex).toBeUndefined();
        shown.set(items.length, [...(shown.get(items.length) ?? []), Array.from(items)]);
      }),
      split,
    );
    expect([...shown.keys()]).toEqual([1, 2, 5, 10, 20]);
    const firsts = Array.from(split.parts.TEST.users, (user) => histories[user]);
    for (const [n, lists] of shown) expect(lists).toEqual(firsts.map((list) => list.slice(0, n)));
  });

  it('gives a model that knows nothing what chance gives', async () => {
    const random = new Random(5);
    const rows = await measureNewcomers(
      modelOf((_, out) => {
        for (let i = 0; i < ITEMS; i++) out[i] = random.uniform();
      }),
      split,
    );
    for (const { knownRatings, metric, mean } of rows)
      if (knownRatings > 0 && metric === 'recall') expect(mean).toBeLessThan(0.35);
  });

  it('is empty where nobody has enough ratings, and refuses a split whose users are in training', async () => {
    const short = prepareSplit(
      dataOf(
        histories.map((list) => list.slice(0, 29)),
        ITEMS,
      ),
      { scheme: 'NEW_USERS' },
    );
    expect(await measureNewcomers(clairvoyant, short)).toEqual([]);
    await expect(measureNewcomers(clairvoyant, prepareSplit(dataOf(histories, ITEMS)))).rejects.toThrow(
      RangeError,
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(measureNewcomers(clairvoyant, split, { signal })).rejects.toThrow('enough');
  });
});
