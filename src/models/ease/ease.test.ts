import { contextOf } from '../../../test/fixtures/fit-context';
import golden from '../../../test/fixtures/golden/references.json';
import { dataOf } from '../../../test/fixtures/training-data';
import { buildInteractionLog } from '../../interactions/build';
import type { UserHistory } from '../../interactions/interaction-log';
import { Vocabulary } from '../../interactions/vocabulary';
import { Random } from '../../numeric/random';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from '../artifact';
import { UnfitDataError } from '../system';

import { ease } from './ease';

const context = contextOf();
const historyOfItems = (items: readonly number[]): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
});

describe.each(golden.ease)(
  'EASE on $histories.length users of $items items',
  ({ items, histories, regularization, weights, scores }) => {
    const fitted = ease.fit(dataOf(histories, items), { regularization }, context);

    it("has NumPy's weights", async () => {
      // The score of a history of one item is a row of B.
      const model = await fitted;
      const rows = model.score(Array.from({ length: items }, (_, item) => historyOfItems([item])));
      rows.forEach((weight, at) => {
        expect(weight).toBeCloseTo(weights[at], 5);
      });
    });

    it("gives NumPy's scores, before and after storage", async () => {
      const model = await fitted;
      const loaded = ease.load(decodeArtifact(encodeArtifact(model.save())));
      for (const each of [model, loaded]) {
        each.score(histories.map(historyOfItems)).forEach((score, at) => {
          expect(score).toBeCloseTo(scores[at], 5);
        });
      }
    });
  },
);

it('EASE by hand: two items that two of three users share', async () => {
  // XᵀX + 1 = [[4, 2], [2, 3]], P = [[3, -2], [-2, 4]] / 8, so B(0,1) = 2/4 and B(1,0) = 2/3
  const data = dataOf([[0, 1], [1, 0], [0]], 2);
  const model = await ease.fit(data, { regularization: 1 }, context);
  const [itself, other] = model.score([historyOfItems([0])]);
  expect(itself).toBe(0);
  expect(other).toBeCloseTo(2 / 4, 6);
  expect(model.score([historyOfItems([1])])[0]).toBeCloseTo(2 / 3, 6);
});

it('EASE is the same by users and by items where both are large enough for the engine', async () => {
  const random = new Random(3);
  const [users, items, catalogue] = [640, 620, 2_600];
  const histories = Array.from({ length: users }, () =>
    Array.from(random.sampleWithoutReplacement(items, 3 + random.integerBelow(40))),
  );
  const byItems = await ease.fit(dataOf(histories, items), { regularization: 20 }, context);
  // More items that nobody has: now users are few.
  const byUsers = await ease.fit(dataOf(histories, catalogue), { regularization: 20 }, context);
  expect(byItems.save().settings).toEqual({ regularization: 20, form: 'ITEMS' });
  expect(byUsers.save().settings).toEqual({ regularization: 20, form: 'USERS' });
  const asked = histories.slice(0, 5).map(historyOfItems);
  const [narrow, wide] = [byItems.score(asked), byUsers.score(asked)];
  asked.forEach((_, b) => {
    for (let item = 0; item < items; item++)
      expect(wide[b * catalogue + item]).toBeCloseTo(narrow[b * items + item], 4);
    for (let item = items; item < catalogue; item++) expect(wide[b * catalogue + item]).toBe(0);
  });
});

it('EASE refuses what would not fit into memory, and says how much it would need', async () => {
  const ids = Int32Array.from({ length: 20_000 }, (_, id) => id);
  const interactions = buildInteractionLog(
    { userId: [1], itemId: [1], value: [4], timestamp: [0], ordinal: [0] },
    { itemIds: ids, userIds: ids },
  );
  expect(interactions.users).toBeInstanceOf(Vocabulary);
  const fit = ease.fit({ ...dataOf([[0]], 1), interactions }, { regularization: 500 }, context);
  await expect(fit).rejects.toThrow(UnfitDataError);
  await expect(fit).rejects.toThrow(
    '20000 movies and 20000 users would need a model of 1.5 GB and 2.2 GB of memory to train',
  );
});

it('EASE refuses a stored model whose parts do not fit together', async () => {
  const stored = async (histories: number[][], items: number) =>
    (await ease.fit(dataOf(histories, items), { regularization: 5 }, context)).save();
  const byUsers = await stored([[0, 1]], 4);
  const byItems = await stored([[0, 1], [1, 2], [0]], 3);
  const { offsets, users, own } = byUsers.arrays;
  const broken = [
    { ...byItems, settings: { regularization: 5 } },
    { ...byItems, arrays: { b: { data: new Float32Array(6), shape: [2, 3] } } },
    { ...byUsers, arrays: { ...byUsers.arrays, users: { ...users, data: Int32Array.of(0, 7) } } },
    {
      ...byUsers,
      arrays: { ...byUsers.arrays, offsets: { ...offsets, data: Int32Array.of(0, 2, 1, 2, 2) } },
    },
    { ...byUsers, arrays: { ...byUsers.arrays, own: { ...own, data: Float32Array.of(0.5, 1, 0, 0) } } },
  ];
  for (const artifact of broken) expect(() => ease.load(artifact)).toThrow(CorruptArtifactError);
});
