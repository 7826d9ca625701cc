import { checkerboard } from '../../../test/fixtures/checkerboard';
import { historyOf } from '../../interactions/history';
import { Random } from '../../numeric/random';
import { Batches, NegativeSampler, type NextBatch } from './batches';
import { ratingLevel } from './forward';
import { hyperparametersSchema } from './hyperparameters';

const data = checkerboard({ users: 9, items: 30, tagged: true });
const log = data.interactions;
const settings = (given: object) => hyperparametersSchema.parse({ batchSize: 16, negatives: 12, ...given });
const epoch = (given: object, seed = 5): NextBatch[] => [
  ...new Batches(data, settings(given)).epoch(new Random(seed)),
];

describe('training batches', () => {
  it.each([200, 4, 1])(
    'predict every interaction but the first of each user once an epoch, window %d',
    (window) => {
      const predicted: string[] = [];
      for (const batch of epoch({ window })) {
        batch.users.forEach((user, s) => {
          const { offsets, rows } = batch.histories;
          expect(offsets[s + 1] - offsets[s]).toBeLessThanOrEqual(window);
          for (let at = offsets[s]; at < offsets[s + 1]; at++) {
            const target = batch.items[batch.targets[at]];
            predicted.push(`${user}:${target}`);
            const own = Array.from(historyOf(log, user).items);
            expect(own.indexOf(batch.items[rows[at]])).toBe(own.indexOf(target) - 1); // known: exactly what stands before the target
            expect(batch.histories.levels[at]).toBe(
              ratingLevel(historyOf(log, user).values[own.indexOf(target) - 1]),
            );
          }
        });
      }
      const expected = Array.from({ length: log.users.size }, (_, user) =>
        Array.from(historyOf(log, user).items.subarray(1), (item) => `${user}:${item}`),
      );
      expect(predicted.sort()).toEqual(expected.flat().sort());
    },
  );

  it('weigh a disliked target with nothing, unless all ratings are targets', () => {
    for (const [likedTargets, weightless] of [
      ['liked', true],
      ['all', false],
    ] as const) {
      const batches = epoch({ dislikeStars: 3.5, likedTargets });
      const disliked = batches.flatMap(({ users, items, targets, weights, histories: { offsets } }) =>
        Array.from(users).flatMap((user, s) => {
          const own = historyOf(log, user);
          const starsOf = (target: number) => own.values[own.items.indexOf(items[target])];
          return Array.from({ length: offsets[s + 1] - offsets[s] }, (_, n) => offsets[s] + n)
            .filter((at) => starsOf(targets[at]) === 3.5)
            .map((at) => weights[at] === 0);
        }),
      );
      expect(disliked.length).toBeGreaterThan(5);
      expect(new Set(disliked)).toEqual(new Set([weightless]));
      expect(batches.some(({ weights }) => weights.some((weight) => weight > 0))).toBe(true);
    }
  });

  it('mask the negatives that are the target or were seen before, and no other', () => {
    for (const batch of epoch({ window: 4 })) {
      batch.users.forEach((user, s) => {
        const own = Array.from(historyOf(log, user).items);
        for (let at = batch.histories.offsets[s]; at < batch.histories.offsets[s + 1]; at++) {
          const place = own.indexOf(batch.items[batch.targets[at]]);
          for (let j = 0; j < batch.negatives; j++) {
            const met = own.indexOf(batch.items[j]);
            expect(batch.mask[at * batch.negatives + j]).toBe(met >= 0 && met <= place ? 1 : 0);
          }
        }
      });
    }
  });

  it('name each item once, bring the taggings of their users, and repeat themselves by seed', () => {
    const batches = epoch({});
    for (const batch of batches) {
      const { items, taggings } = batch;
      expect(new Set(items).size).toBe(items.length);
      taggings?.tags.forEach((tag, n) => {
        const item = items[taggings.items[n]];
        const exists = Array.from(data.taggings.tagIndex).some(
          (other, row) =>
            other === tag &&
            data.taggings.itemIndex[row] === item &&
            (taggings.withUser[n] === 0 ||
              batchUser(batch, taggings.positions[n]) === data.taggings.userIndex[row]),
        );
        expect(exists).toBe(true);
        expect(taggings.withUser[n] + taggings.withItem[n]).toBeGreaterThan(0);
      });
    }
    expect(epoch({})).toEqual(batches);
    expect(epoch({}, 6)).not.toEqual(batches);
  });
});

/** Whose history ends at the position. */
function batchUser({ histories, users }: NextBatch, position: number): number | undefined {
  return users[histories.offsets.indexOf(position + 1) - 1];
}

describe('the sampler of negatives', () => {
  it.each([0, 0.5, 1])('draws by popularity to the power %d, and logQ says how often', (exponent) => {
    const counts = [1, 4, 16, 100];
    const sampler = new NegativeSampler(counts, exponent);
    const random = new Random(1);
    const rounds = 4000;
    const seen = [0, 0, 0, 0];
    const logQ: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const drawn = sampler.draw(3, random);
      drawn.items.forEach((item, n) => {
        seen[item]++;
        logQ[item] = drawn.logQ[n];
      });
    }
    const total = counts.reduce((sum, count) => sum + count ** exponent, 0);
    counts.forEach((count, item) => {
      const expected = 1 - (1 - count ** exponent / total) ** 3;
      expect(Math.exp(logQ[item])).toBeCloseTo(expected, 5);
      expect(Math.abs(seen[item] / rounds - expected)).toBeLessThan(0.03); // 4 standard errors
    });
  });
});
