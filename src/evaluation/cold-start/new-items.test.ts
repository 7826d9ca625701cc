import { dataOf } from '../../../test/fixtures/training-data';
import type { InteractionLog, UserHistory } from '../../interactions/interaction-log';
import { prepareSplit } from '../../interactions/splits';

import { type Model } from '../../models/system';

import { KNOWN_RATINGS } from './curve';
import { itemTrainingData, measureNewItems, NEW_ITEMS_CUTOFF, planNewItems } from './new-items';

const ITEMS = 400;
/** Everybody rates every third item, so that an item has 26 or 27 ratings: some users share no item
 *  with others. */
const histories = Array.from({ length: 80 }, (_, user) =>
  Array.from({ length: ITEMS }, (_, item) => item).filter((item) => (item + user) % 3 === 0),
);
const split = prepareSplit(dataOf(histories, ITEMS), { scheme: 'COLD_ITEMS' });
const plan = planNewItems(split);

function pairs(log: InteractionLog): Set<string> {
  const found = new Set<string>();
  for (let user = 0; user < log.users.size; user++) {
    for (const item of log.itemIndex.subarray(log.offsets[user], log.offsets[user + 1]))
      found.add(`${user} ${item}`);
  }
  return found;
}

function modelOf(score: (history: UserHistory, item: number) => number): Model {
  return {
    name: 'POPULARITY',
    itemCount: ITEMS,
    space: null,
    score: (batch) =>
      Float32Array.from({ length: batch.length * ITEMS }, (_, at) =>
        score(batch[Math.floor(at / ITEMS)], at % ITEMS),
      ),
    save: () => ({ kind: 'test', format: 1, settings: {}, arrays: {} }),
  };
}

describe('the training data of new items', () => {
  it('have n ratings of each new item, all those known at a smaller n, and nothing that is to be found', () => {
    expect(plan.candidates).toHaveLength(40);
    let before = pairs(split.trainingData.interactions);
    expect(pairs(itemTrainingData(split, plan, 0).interactions)).toEqual(before);
    for (const known of KNOWN_RATINGS.slice(1)) {
      const { interactions } = itemTrainingData(split, plan, known);
      const now = pairs(interactions);
      expect([...before].filter((pair) => !now.has(pair))).toEqual([]);
      for (const item of plan.candidates)
        expect(interactions.itemIndex.filter((other) => other === item)).toHaveLength(known);
      expect(
        [...plan.truth].flatMap(([user, items]) => [...items].filter((item) => now.has(`${user} ${item}`))),
      ).toEqual([]);
      before = now;
    }
    // Each rating of a new item is either known at 20 or to be found; the other cold items stay
    // cold.
    const toFind = [...plan.truth.values()].reduce((sum, items) => sum + items.size, 0);
    const ofNew = split.full.itemIndex.filter((item) => plan.candidates.includes(item)).length;
    expect(toFind + 20 * plan.candidates.length).toBe(ofNew);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(planNewItems(split)).toEqual(plan);
    expect(planNewItems(split, 2).known).not.toEqual(plan.known);
  });
});

describe('the curve of new items', () => {
  it('is 1 at every number of ratings for a model that knows the answer, over the same users', async () => {
    const perfect = modelOf(({ userIndex }, item) => (plan.truth.get(userIndex!)?.has(item) ? 1 : 0));
    for (const known of KNOWN_RATINGS) {
      const rows = await measureNewItems(perfect, split, plan, { known });
      expect(rows.map(({ metric, k, knownRatings }) => [metric, k, knownRatings])).toEqual([
        ['recall', NEW_ITEMS_CUTOFF, known],
        ['ndcg', NEW_ITEMS_CUTOFF, known],
      ]);
      for (const { mean, ciLow, ciHigh, users } of rows) {
        expect(users).toBe(plan.truth.size);
        expect([mean, ciLow, ciHigh]).toEqual([1, 1, 1]);
      }
    }
  });

  it('is what chance gives for a model that cannot tell the items apart', async () => {
    const [{ mean, users }] = await measureNewItems(
      modelOf(() => 0),
      split,
      plan,
      { known: 0 },
    );
    // Four standard errors of a mean over users of something between 0 and 1.
    expect(Math.abs(mean - NEW_ITEMS_CUTOFF / plan.candidates.length)).toBeLessThan(2 / Math.sqrt(users));
  });

  it('refuses another split, is empty where no item has 25 ratings, and stops when asked', async () => {
    expect(() => planNewItems(prepareSplit(dataOf(histories, ITEMS)))).toThrow(RangeError);
    const small = prepareSplit(dataOf(histories.slice(0, 60), ITEMS), { scheme: 'COLD_ITEMS' });
    const model = modelOf(() => 0);
    expect(await measureNewItems(model, small, planNewItems(small), { known: 5 })).toEqual([]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(measureNewItems(model, split, plan, { known: 5, signal })).rejects.toThrow('enough');
  });
});
