import { checkerboard } from '../../../test/fixtures/checkerboard';
import { historyOf } from '../../interactions/history';
import { Random } from '../../numeric/random';
import type { Model } from '../system';
import { type HeldOutBatch, HeldOutBatches } from './batches';
import { hyperparametersSchema } from './hyperparameters';

const data = checkerboard({ users: 9, items: 30, tagged: true });
const log = data.interactions;
const settings = (given: object) =>
  hyperparametersSchema.parse({ objective: 'heldOut', batchSize: 25, ...given });
const epoch = (given: object, teacher: Model | null = null, seed = 5): HeldOutBatch[] => [
  ...new HeldOutBatches(data, settings(given), teacher).epoch(new Random(seed)),
];

describe('batches of the held-out objective', () => {
  it.each([0.05, 0.7, 0.95])(
    'part every history once an epoch, with something on either side, share %d',
    (knownShare) => {
      const met: number[] = [];
      for (const { users, histories, known, shares, items } of epoch({ knownShare, userBalance: 0 })) {
        users.forEach((user, s) => {
          met.push(user);
          const own = Array.from(historyOf(log, user).items);
          const row = (values: Float32Array) =>
            Array.from(items).filter((item) => values[s * items.length + item] > 0);
          const history = Array.from(
            histories.rows.subarray(histories.offsets[s], histories.offsets[s + 1]),
          );
          expect(history).toEqual(own.filter((item) => history.includes(item))); // in the order of the ratings
          expect(row(known)).toEqual([...history].sort((a, b) => a - b));
          expect(row(shares)).toEqual(own.filter((item) => !history.includes(item)).sort((a, b) => a - b));
          expect(history.length).toBeGreaterThan(0);
          expect(history.length).toBeLessThan(own.length);
        });
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      }
      expect(met.sort()).toEqual(Array.from(log.users.ids.keys()));
    },
  );

  it('seek no dislike, unless all ratings are targets', () => {
    const sought = (given: object) =>
      epoch({ dislikeStars: 3.5, ...given }).flatMap(({ users, shares }) =>
        Array.from(users).flatMap((user, s) =>
          Array.from(historyOf(log, user).items, (item, at) => ({
            stars: historyOf(log, user).values[at],
            share: shares[s * 30 + item],
          })),
        ),
      );
    const low = (rows: ReturnType<typeof sought>) =>
      rows.filter(({ stars, share }) => stars === 3.5 && share > 0).length;
    expect(low(sought({ likedTargets: 'all' }))).toBeGreaterThan(0);
    expect(low(sought({ likedTargets: 'liked' }))).toBe(0);
    expect(sought({ likedTargets: 'liked' }).some(({ share }) => share > 0)).toBe(true);
  });

  it('add a teacher that says nothing of what is known', () => {
    const teacher = {
      score: (histories: readonly unknown[]) =>
        Float32Array.from({ length: histories.length * 30 }, (_, at) => (at % 30) / 10),
    } as unknown as Model;
    const [plain] = epoch({});
    const [taught] = epoch({ distillation: 0.5, teacherSharpness: 2 }, teacher);
    const added = taught.shares.map((share, at) => share - plain.shares[at]);
    expect(added.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.5, 5);
    taught.known.forEach((known, at) => {
      if (known === 1) expect(added[at]).toBe(0);
    });
    const [low, high] = Array.from(taught.known.subarray(0, 30).keys()).filter(
      (item) => taught.known[item] === 0,
    );
    expect(added[high] / added[low]).toBeCloseTo(Math.exp((2 * (high - low)) / 10), 3);
  });

  it('repeat themselves by seed', () => {
    expect(epoch({})).toEqual(epoch({}));
    expect(epoch({}, null, 6)).not.toEqual(epoch({}));
  });
});
