/** Leaving a rating out against computing the user's point anew without it, for towers with and
 *  without each of their parts. */
import fc from 'fast-check';
import type { UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { RATING_LEVELS, type UserTower, userPoint } from './forward';
import { leaveOneOut } from './leave-one-out';

const D = 3;
const ITEMS = 20;

function drawTower(
  random: Random,
  shape: { window: number; pools: number; places: number; transitions: number; hidden: number },
): UserTower {
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
  const { window, pools, places, transitions, hidden } = shape;
  return {
    embeddingSize: D,
    window,
    decays: Float32Array.from({ length: pools }, (_, p) => (p === 0 ? 1 : 0.3 + 0.7 * random.uniform())),
    growth: random.uniform(),
    gates: normal(pools * D),
    placeGates: normal(places * D),
    transitions: normal(transitions * D * D),
    levelWeights: normal(RATING_LEVELS),
    bias: normal(D),
    demographicRows: new Map([['gender:F', 0]]),
    demographicPoints: normal(D),
    hiddenWeights: normal((pools + transitions) * D * hidden),
    hiddenBias: normal(hidden),
    outputWeights: normal(hidden * D),
  };
}

it('is where the user would be had they never rated it', () => {
  const shapes = fc.record({
    window: fc.integer({ min: 1, max: 12 }),
    pools: fc.integer({ min: 1, max: 3 }),
    places: fc.integer({ min: 0, max: 4 }),
    transitions: fc.integer({ min: 0, max: 3 }),
    hidden: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 18 }), shapes, (seed, length, shape) => {
      const random = new Random(seed);
      const tower = drawTower(random, shape);
      const itemPoints = Float32Array.from({ length: ITEMS * D }, () => random.normal());
      const history: UserHistory = {
        items: Int32Array.from({ length }, () => random.integerBelow(ITEMS)),
        values: Float32Array.from({ length }, () => random.integerBelow(RATING_LEVELS) / 2),
        timestamps: new Float64Array(length),
        demographics: { gender: 'F', age: null, occupation: null },
      };
      const { items, without } = leaveOneOut(tower, itemPoints, history);
      const first = Math.max(0, length - shape.window);
      expect(items).toEqual(history.items.slice(first));
      const points = without(Array.from(items.keys()));
      items.forEach((_, row) => {
        const others = <A extends Int32Array | Float32Array | Float64Array>(values: A) =>
          values.filter((_, j) => j !== first + row) as A;
        const rest = {
          ...history,
          items: others(history.items),
          values: others(history.values),
          timestamps: others(history.timestamps),
        };
        const expected = userPoint(tower, itemPoints, rest);
        const point = points[row];
        const scale = 1 + Math.max(...expected.map(Math.abs));
        point.forEach((value, k) => void expect(Math.abs(value - expected[k]) / scale).toBeLessThan(1e-6));
      });
    }),
    { numRuns: 300 },
  );
});
