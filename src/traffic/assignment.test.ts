/** Shares come out as asked, users stay where they are, and a changed weight moves no more of them
 *  than it must. */
import fc from 'fast-check';
import { assign, type WeightedModel } from './assignment';

const USERS = Array.from({ length: 40_000 }, (_, u) => u + 1);
const assigned = (seed: number, models: readonly WeightedModel[]) =>
  USERS.map((user) => assign(seed, user, models));
const shareOf = (modelId: number, all: readonly number[]) =>
  all.filter((each) => each === modelId).length / all.length;
const models = (weights: Record<number, number>) =>
  Object.entries(weights).map(([id, weight]) => ({ modelId: Number(id), weight }));

it.each([[{ 1: 1, 2: 1 }], [{ 1: 0.9, 2: 0.1 }], [{ 7: 2, 8: 1, 900000: 1 }], [{ 3: 99, 4: 1 }]])(
  'gives each model its share of the users: %j',
  (weights) => {
    const sum = Object.values(weights).reduce((a, b) => a + b, 0);
    const all = assigned(5, models(weights));
    for (const { modelId, weight } of models(weights)) {
      const expected = weight / sum;
      const deviation = Math.sqrt((expected * (1 - expected)) / USERS.length);
      expect(Math.abs(shareOf(modelId, all) - expected)).toBeLessThan(4.5 * deviation);
    }
  },
);

it('moves a tenth of the users when 50 : 50 becomes 60 : 40, all in one direction', () => {
  const [before, after] = [assigned(11, models({ 1: 50, 2: 50 })), assigned(11, models({ 1: 60, 2: 40 }))];
  const moved = USERS.filter((_, u) => before[u] !== after[u]);
  expect(moved.length / USERS.length).toBeCloseTo(0.1, 2);
  expect(moved.every((user) => assign(11, user, models({ 1: 60, 2: 40 })) === 1)).toBe(true);
});

it('deals anew for another seed: half of the users keep their half by chance', () => {
  const [one, other] = [assigned(1, models({ 1: 1, 2: 1 })), assigned(2, models({ 1: 1, 2: 1 }))];
  expect(
    shareOf(
      1,
      one.map((modelId, u) => (modelId === other[u] ? 1 : 0)),
    ),
  ).toBeCloseTo(0.5, 1);
});

const weight = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const split = fc.uniqueArray(fc.record({ modelId: fc.integer({ min: 1, max: 2 ** 31 - 1 }), weight }), {
  minLength: 1,
  maxLength: 6,
  selector: ({ modelId }) => modelId,
});

it('moves users only to the model whose weight grows, whatever the split', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1 }),
      split,
      fc.nat(),
      fc.double({ min: 1, max: 10, noNaN: true }),
      (seed, user, before, at, factor) => {
        const grown = before[at % before.length].modelId;
        const after = before.map((each) =>
          each.modelId === grown ? { ...each, weight: each.weight * factor } : each,
        );
        const [from, to] = [assign(seed, user, before), assign(seed, user, after)];
        return from === to || to === grown;
      },
    ),
  );
});

it('moves users only to a model that is new, and only the users of one that goes; order and scale of the weights do not matter', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1 }), split, (seed, user, all) => {
      const [newcomer, ...rest] = all;
      if (rest.length === 0) return assign(seed, user, all) === newcomer.modelId;
      const [without, having] = [assign(seed, user, rest), assign(seed, user, all)];
      const turned = assign(
        seed,
        user,
        [...all].reverse().map((each) => ({ ...each, weight: each.weight * 8 })),
      );
      return (having === without || having === newcomer.modelId) && turned === having;
    }),
  );
});
