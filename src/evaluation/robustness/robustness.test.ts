import { dataOf } from '../../../test/fixtures/training-data';
import { interactionCounts } from '../../interactions/csr';
import type { InteractionLog, TrainingData } from '../../interactions/interaction-log';
import { assertNoLeak, prepareSplit } from '../../interactions/splits';

import { itemKnn } from '../../models/item-knn';
import { popularity } from '../../models/popularity';

import { Random } from '../../numeric/random';
import { evaluate } from '../evaluate';
import { disturbed, measureRobustness, pushedShare } from './measure';
import { perturb } from './perturbation';
import { POISONING_PROFILES, poison, unpopularTargets } from './poisoning';

const USERS = 40;
const ITEMS = 30;
/** Even users like even items, odd users odd ones; item n is the rarer the higher n is. */
function colours(): TrainingData {
  const random = new Random(3);
  const histories = Array.from({ length: USERS }, (_, user) => {
    const own = Array.from({ length: ITEMS }, (_, item) => item).filter(
      (item) => item % 2 === user % 2 && random.uniform() < 0.95 - item / 60,
    );
    return Array.from(random.shuffle(Int32Array.from(own)));
  });
  return dataOf(histories, ITEMS);
}
const data = colours();
const rowsOf = ({ offsets, itemIndex }: InteractionLog, user: number) =>
  Array.from(itemIndex.subarray(offsets[user], offsets[user + 1]));
const targets = Int32Array.of(27, 28);

describe('poisoning', () => {
  it.each(POISONING_PROFILES)(
    '%s adds whole profiles after the real users and changes nothing of theirs',
    (profile) => {
      const { interactions: before } = data;
      const { interactions: after } = poison(data, { profile, share: 0.25, targets, seed: 1 });
      expect(after.users.size).toBe(50);
      expect(Array.from(after.users.ids.subarray(0, USERS))).toEqual(Array.from(before.users.ids));
      expect(Array.from(after.users.ids.subarray(USERS))).toEqual(
        Array.from({ length: 10 }, (_, n) => 41 + n),
      );
      for (let user = 0; user < USERS; user++) expect(rowsOf(after, user)).toEqual(rowsOf(before, user));
      const size = Math.round(before.itemIndex.length / USERS) + 2;
      for (let user = USERS; user < 50; user++) {
        const own = rowsOf(after, user);
        expect(own).toHaveLength(size);
        expect(new Set(own).size).toBe(size);
        for (const target of targets) {
          const at = after.offsets[user] + own.indexOf(target);
          expect([own.includes(target), after.value[at]]).toEqual([true, 5]);
        }
        const times = after.timestamp.subarray(after.offsets[user], after.offsets[user + 1]);
        expect(Array.from(times)).toEqual(Array.from(times).sort((a, b) => a - b));
      }
      for (const stars of after.value)
        expect(stars >= 0.5 && stars <= 5 && Number.isInteger(2 * stars)).toBe(true);
    },
  );

  it('knows the popular items in BANDWAGON, and the mean of an item in AVERAGE', () => {
    const counts = interactionCounts(data.interactions);
    const popular = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
    const { interactions: band } = poison(data, { profile: 'BANDWAGON', share: 0.1, targets, seed: 1 });
    for (let user = USERS; user < 44; user++)
      expect(rowsOf(band, user)).toEqual(expect.arrayContaining(popular.slice(0, 4)));
    // Item 0 has 1 star of everybody, the others 5: RANDOM rates about the mean of all, AVERAGE
    // about each item's own.
    const { itemIndex } = data.interactions;
    const starred = {
      ...data,
      interactions: {
        ...data.interactions,
        value: Float32Array.from(itemIndex, (item) => (item === 0 ? 1 : 5)),
      },
    };
    const starsOfZero = (profile: 'RANDOM' | 'AVERAGE') => {
      const { interactions: log } = poison(starred, { profile, share: 5, targets, seed: 1 });
      const rows = Array.from(log.itemIndex.keys()).filter(
        (row) => row >= log.offsets[USERS] && log.itemIndex[row] === 0,
      );
      return rows.reduce((sum, row) => sum + log.value[row], 0) / rows.length;
    };
    expect(starsOfZero('AVERAGE')).toBeLessThan(2.5);
    expect(starsOfZero('RANDOM')).toBeGreaterThan(3.5);
  });

  it('is the same for the same seed, leaves unknown stars unknown, and keeps what is known of the users in step', () => {
    const attack = { profile: 'RANDOM', share: 0.2, targets, seed: 1 } as const;
    expect(poison(data, attack)).toEqual(poison(data, attack));
    expect(poison(data, attack).interactions.itemIndex).not.toEqual(
      poison(data, { ...attack, seed: 2 }).interactions.itemIndex,
    );
    const plain = {
      ...data,
      interactions: { ...data.interactions, value: new Float32Array(data.interactions.value.length) },
    };
    expect(poison(plain, attack).interactions.value.every((stars) => stars === 0)).toBe(true);
    const demographics = Array.from({ length: USERS }, () => ({ gender: 'F', age: 25, occupation: null }));
    expect(poison({ ...data, demographics }, attack).demographics).toHaveLength(48);
  });

  it('refuses an attack of nobody, and targets that are not in the catalogue or named twice', () => {
    const attack = { profile: 'RANDOM', share: 0.2, targets, seed: 1 } as const;
    expect(() => poison(data, { ...attack, share: 0.001 })).toThrow(RangeError);
    expect(() => poison(data, { ...attack, targets: Int32Array.of(30) })).toThrow(RangeError);
    expect(() => poison(data, { ...attack, targets: Int32Array.of(3, 3) })).toThrow(RangeError);
  });

  it('pushes items of the less popular half', () => {
    const counts = interactionCounts(data.interactions);
    const median = Array.from(counts).sort((a, b) => a - b)[ITEMS / 2];
    const chosen = unpopularTargets(data.interactions, { count: 6, seed: 1 });
    expect(new Set(chosen).size).toBe(6);
    for (const item of chosen) expect(counts[item]).toBeLessThanOrEqual(median);
    expect(() => unpopularTargets(data.interactions, { count: 16, seed: 1 })).toThrow(RangeError);
  });
});

describe('perturbation', () => {
  it('replaces the share that is asked for, never what is spared, and never by what the user has', () => {
    const { interactions: before } = data;
    const { interactions: after } = perturb(data, { share: 0.5, spared: 2, seed: 1 });
    let [replaced, all] = [0, 0];
    for (let user = 0; user < USERS; user++) {
      const [was, is] = [rowsOf(before, user), rowsOf(after, user)];
      expect(is.slice(-2)).toEqual(was.slice(-2));
      expect(new Set(is).size).toBe(was.length);
      is.slice(0, -2).forEach((item, at) => {
        all++;
        if (item === was[at]) return;
        replaced++;
        expect(was).not.toContain(item);
      });
    }
    // Binomial: four standard deviations
    expect(Math.abs(replaced - all / 2)).toBeLessThan(4 * Math.sqrt(all / 4));
    expect(perturb(data, { share: 0.5, spared: 2, seed: 1 })).toEqual({ ...data, interactions: after });
    expect(perturb(data, { share: 0, spared: 2, seed: 1 }).interactions.itemIndex).toEqual(
      before.itemIndex,
    );
    expect(() => perturb(data, { share: 1.1, spared: 2, seed: 1 })).toThrow(RangeError);
  });
});

describe('measuring', () => {
  const context = { seed: 1, backend: 'auto', signal: new AbortController().signal } as const;
  const poisoning = { profile: 'BANDWAGON', share: 1, targets, seed: 1 } as const;
  const ndcg = (rows: readonly { protocol: string; metric: string; k: number; mean: number }[]) =>
    rows.find((row) => row.protocol === 'FULL_LAST_ITEM' && row.metric === 'ndcg' && row.k === 20)!.mean;

  it('disturbs training, not what is held out', () => {
    const clean = prepareSplit(data);
    for (const disturbance of [
      { kind: 'POISONING', poisoning } as const,
      { kind: 'PERTURBATION', perturbation: { share: 0.5, seed: 1 } } as const,
    ]) {
      const split = disturbed(data, disturbance);
      expect(split.parts).toEqual(clean.parts);
      expect(split.trainingData.interactions.itemIndex).not.toEqual(
        clean.trainingData.interactions.itemIndex,
      );
    }
    const all = disturbed(data, { kind: 'PERTURBATION', perturbation: { share: 1, seed: 1 } });
    expect(() => assertNoLeak(all.trainingData, all)).not.toThrow();
  });

  it('finds that popularity shows what is pushed to everybody, and a neighbourhood loses what is perturbed', async () => {
    const disturbances = [
      { kind: 'POISONING', poisoning } as const,
      { kind: 'PERTURBATION', perturbation: { share: 1, seed: 1 } } as const,
    ];
    const options = { disturbances, targets, context };
    const [clean, poisoned] = await measureRobustness(
      popularity,
      popularity.hyperparameters.parse({}),
      data,
      options,
    );
    expect(clean.pushed).toBeLessThan(0.1);
    expect(poisoned.pushed).toBeGreaterThan(0.9);
    const settings = itemKnn.hyperparameters.parse({});
    const rows = await measureRobustness(itemKnn, settings, data, options);
    expect(rows.map((row) => row.disturbance?.kind)).toEqual([undefined, 'POISONING', 'PERTURBATION']);
    expect(ndcg(rows[2].metrics)).toBeLessThan(0.7 * ndcg(rows[0].metrics));
    const split = prepareSplit(data);
    const model = await itemKnn.fit(split.trainingData, settings, {
      ...context,
      onEpoch() {},
      onProgress() {},
    });
    expect(rows[0].metrics).toEqual((await evaluate(model, split, { splits: ['TEST'] })).rows);
    expect(rows[0].pushed).toBe(pushedShare(model, split, targets));
  });
});
