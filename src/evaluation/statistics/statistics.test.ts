/** Paired tests against SciPy and statsmodels, and what must hold for any data. */
import fc from 'fast-check';
import golden from '../../../test/fixtures/golden/statistics.json';
import { Random } from '../../numeric/random';
import {
  comparePaired,
  holm,
  pairedDifferences,
  pairedTTest,
  randomizationTest,
  UnpairedError,
  wilcoxonSignedRank,
} from './paired';

type Case = (typeof golden.paired)[number];
const cases = [...golden.paired, ...golden.exact].map((each) => [each.name, each] as const);
const differencesOf = ({ candidate, baseline }: Case) => pairedDifferences(candidate, baseline);

describe.each(cases)('SciPy on: %s', (_name, expected) => {
  it('t-test', () => {
    expect(pairedTTest(differencesOf(expected)) / expected.tTest).toBeCloseTo(1, 7);
  });

  it('Wilcoxon', () => {
    const rounded = differencesOf(expected).map((difference) => Math.round(difference * 1e9) / 1e9);
    expect(wilcoxonSignedRank(rounded) / expected.wilcoxon).toBeCloseTo(1, 7);
  });

  it('randomisation, within the chance of both simulations', () => {
    const p = randomizationTest(differencesOf(expected), 3);
    const deviation = Math.sqrt((expected.randomization * (1 - expected.randomization)) / 10_000);
    expect(Math.abs(p - expected.randomization)).toBeLessThanOrEqual(4 * deviation + 1e-4);
  });

  it('the difference and its interval', () => {
    const { difference, low, high } = comparePaired(
      Float32Array.from(expected.baseline),
      Float32Array.from(expected.candidate),
    );
    expect(difference).toBeCloseTo(expected.difference, 6);
    // Two bootstraps of 1,000 and 20,000 resamples: their ends agree to a fraction of the standard
    // error.
    expect(Math.abs(low - expected.low)).toBeLessThan(0.25 * expected.standardError);
    expect(Math.abs(high - expected.high)).toBeLessThan(0.25 * expected.standardError);
  });
});

it.each(golden.exact.map((each) => [each.name, each] as const))(
  'is exact with few users: %s',
  (_name, expected) => {
    expect(randomizationTest(differencesOf(expected), 1)).toBeCloseTo(expected.randomization, 12);
  },
);

it.each(golden.holm)('corrects $p as statsmodels does', ({ p, adjusted }) => {
  holm(p).forEach((value, i) => {
    expect(value).toBeCloseTo(adjusted[i], 12);
  });
});

const columns = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 4 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((pairs) => pairs.map(([a, b]) => [a / 4, b / 4] as const));

it('gives probabilities, the same whichever system is called the baseline', () => {
  fc.assert(
    fc.property(columns, (pairs) => {
      const [candidate, baseline] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const there = pairedDifferences(candidate, baseline);
      const back = there.map((difference) => -difference);
      for (const test of [
        pairedTTest,
        wilcoxonSignedRank,
        (d: Float64Array) => randomizationTest(d, 1, 300),
      ]) {
        const p = test(there);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(test(back)).toBeCloseTo(p, 9);
      }
    }),
  );
});

it('corrects monotonically, never below the value itself, never beyond Bonferroni', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (pValues) => {
      const adjusted = holm(pValues);
      pValues.forEach((p, i) => {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p);
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
        pValues.forEach((q, j) => {
          if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]);
        });
      });
    }),
  );
});

it('raises a false alarm about as often as it says', () => {
  const random = new Random(5);
  let alarms = 0;
  for (let trial = 0; trial < 400; trial++) {
    const differences = Float64Array.from({ length: 30 }, () => random.normal());
    if (randomizationTest(differences, trial, 500) <= 0.05) alarms++;
  }
  // Binomial(400, 0.05): mean 20, deviation 4.4
  expect(alarms).toBeGreaterThan(5);
  expect(alarms).toBeLessThan(38);
});

it('says 1 where nothing differs, and is sure where everybody differs alike', () => {
  const nothing = new Float64Array(50);
  expect([pairedTTest(nothing), wilcoxonSignedRank(nothing), randomizationTest(nothing, 1)]).toEqual([
    1, 1, 1,
  ]);
  const alike = new Float64Array(50).fill(0.25);
  expect(pairedTTest(alike)).toBe(0);
  expect(randomizationTest(alike, 1)).toBeCloseTo(1 / 10_001, 12);
});

it.each([
  [[1, 2], [1]],
  [[], []],
  [
    [1, Number.NaN],
    [1, 2],
  ],
])('refuses %j beside %j', (candidate, baseline) => {
  expect(() => pairedDifferences(candidate, baseline)).toThrow(UnpairedError);
});

it('refuses what is no probability', () => {
  expect(() => holm([0.1, Number.NaN])).toThrow(RangeError);
});
