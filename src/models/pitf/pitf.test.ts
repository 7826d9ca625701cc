import { contextOf } from '../../../test/fixtures/fit-context';
import { dataOf } from '../../../test/fixtures/training-data';
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from '../artifact';
import { TrainingDivergedError } from '../system';
import { type Context, type PairwiseFactors, pairwiseStep } from './pairwise-step';
import { foldIn, pitf } from './pitf';

const historyOfItems = (items: readonly number[], at = Number.NaN, userIndex?: number): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length).fill(at),
  userIndex,
});

describe('a step on a pair', () => {
  const d = 3;
  const rates = { learningRate: 0.01, regularization: 0.3 };
  const preference = { positive: 2, negative: 0 };
  const tables = ['a', 'r', 'b', 's'] as const;
  type Tables = Record<(typeof tables)[number], Float64Array>;
  const random = new Random(9);
  const drawn = (length: number) => Float64Array.from({ length }, () => random.normal());
  const start: Tables = { a: drawn(2 * d), r: drawn(3 * d), b: drawn(4 * d), s: drawn(3 * d) };
  const copy = (): Tables => ({
    a: start.a.slice(),
    r: start.r.slice(),
    b: start.b.slice(),
    s: start.s.slice(),
  });
  const factorsOf = ({ a, r, b, s }: Tables): PairwiseFactors => ({
    first: { contexts: a, candidates: r },
    second: { contexts: b, candidates: s },
    d,
  });

  /** The loss of the header of pairwise-step.ts, written out. */
  const lossOf = ({ a, r, b, s }: Tables, context: Context): number => {
    const row = (values: Float64Array, at: number) => Array.from(values.subarray(at * d, (at + 1) * d));
    let x = 0;
    let squares = 0;
    for (const [contexts, candidates, at] of [[a, r, context.a] as const, [b, s, context.b] as const]) {
      if (at < 0) continue;
      const [c, p, n] = [
        row(contexts, at),
        row(candidates, preference.positive),
        row(candidates, preference.negative),
      ];
      x += c.reduce((sum, value, k) => sum + value * (p[k] - n[k]), 0);
      squares += [...c, ...p, ...n].reduce((sum, value) => sum + value * value, 0);
    }
    return Math.log(1 + Math.exp(-x)) + 0.5 * rates.regularization * squares;
  };

  it.each<Context>([
    { a: 1, b: 3 },
    { a: 0, b: -1 },
    { a: -1, b: 2 },
  ])('goes down the gradient of finite differences in the context %j, and gives its loss', (context) => {
    const after = copy();
    const loss = pairwiseStep(factorsOf(after), context, preference, rates);
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-xOf(context))), 12);
    for (const name of tables) {
      for (let at = 0; at < start[name].length; at++) {
        const [up, down] = [copy(), copy()];
        up[name][at] += 1e-5;
        down[name][at] -= 1e-5;
        const numeric = (lossOf(up, context) - lossOf(down, context)) / 2e-5;
        expect((start[name][at] - after[name][at]) / rates.learningRate).toBeCloseTo(numeric, 7);
      }
    }
  });

  const xOf = ({ a, b }: Context): number => {
    let x = 0;
    for (let k = 0; k < d; k++) {
      if (a >= 0) x += start.a[a * d + k] * (start.r[2 * d + k] - start.r[k]);
      if (b >= 0) x += start.b[b * d + k] * (start.s[2 * d + k] - start.s[k]);
    }
    return x;
  };

  it('gives its loss without overflow', () => {
    const far: Tables = {
      a: Float64Array.of(1_000),
      r: Float64Array.of(0, 1),
      b: new Float64Array(0),
      s: new Float64Array(2),
    };
    const factors = { ...factorsOf(far), d: 1 };
    const still = { learningRate: 1e-9, regularization: 0 };
    expect(pairwiseStep(factors, { a: 0, b: -1 }, { positive: 0, negative: 1 }, still)).toBeCloseTo(
      1_000,
      3,
    );
    expect(pairwiseStep(factors, { a: 0, b: -1 }, { positive: 1, negative: 0 }, still)).toBeCloseTo(0, 12);
  });
});

describe('folding in', () => {
  const items = Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9, -1, -1);
  const flat = new Float32Array(5);
  const fixed = { items, d: 2, timeScores: () => flat };
  const plan = { learningRate: 0.2, regularization: 0.01, passes: 40, seed: 4 };
  const start = Float32Array.of(0.1, 0.2);
  const timed = (...history: number[]) => ({
    items: Int32Array.from(history),
    bins: new Int32Array(history.length),
  });

  it('finds the side that the history is on; the same for the same history; the start for none or for everything', () => {
    const [x, y] = foldIn(timed(0, 1), fixed, start, plan);
    expect(x).toBeGreaterThan(y + 0.5);
    expect(foldIn(timed(0, 1), fixed, start, plan)).toEqual(Float64Array.of(x, y));
    expect(foldIn(timed(0, 1), fixed, start, { ...plan, seed: 5 })).not.toEqual(Float64Array.of(x, y));
    for (const history of [timed(), timed(0, 1, 2, 3, 4)])
      expect(foldIn(history, fixed, start, plan)).toEqual(Float64Array.from(start));
  });

  it('does not ask the user to explain what the time explains already', () => {
    const distance = (scores: Float32Array) => {
      const user = foldIn(timed(0, 1), { ...fixed, timeScores: () => scores }, start, {
        ...plan,
        regularization: 0,
      });
      return Math.hypot(user[0] - start[0], user[1] - start[1]);
    };
    expect(distance(Float32Array.of(9, 9, 0, 0, 0))).toBeLessThan(0.05 * distance(flat));
  });
});

describe('training', () => {
  const random = new Random(1);
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data = dataOf(histories, 20);
  const settings = pitf.hyperparameters.parse({ embeddingSize: 6, epochs: 60, learningRate: 0.2 });
  const withTimes = (time: (user: number, row: number) => number): TrainingData => {
    const { offsets, timestamp } = data.interactions;
    const userOf = (row: number) => offsets.findIndex((from) => from > row) - 1;
    return {
      ...data,
      interactions: { ...data.interactions, timestamp: timestamp.map((_, row) => time(userOf(row), row)) },
    };
  };

  it('ranks for the time of the last interaction', async () => {
    // Odd users, and with them the odd items, come in the second half of the calendar.
    const model = await pitf.fit(
      withTimes((user, row) => (user % 2) * 1_000_000 + row),
      { ...settings, timeBins: 2 },
      contextOf(),
    );
    const mean = (scores: Float32Array, colour: number) =>
      scores.filter((_, item) => item % 2 === colour).reduce((sum, score) => sum + score, 0) / 10;
    const lead = (at: number) => {
      // Of a user of everything no pair can be drawn: the mean user stays.
      const scores = model.score([
        historyOfItems(
          Array.from({ length: 20 }, (_, item) => item),
          at,
        ),
      ]);
      return mean(scores, 1) - mean(scores, 0);
    };
    expect(lead(5)).toBeLessThan(-0.5);
    expect(lead(1_000_500)).toBeGreaterThan(0.5);
    expect(lead(9e9)).toBe(lead(1_000_500));
    const loaded = pitf.load(decodeArtifact(encodeArtifact(model.save())));
    expect(loaded.score([historyOfItems([2, 4], 5)])).toEqual(model.score([historyOfItems([2, 4], 5)]));
  });

  it('keeps the part of user and item where no time is known, in training or in ranking', async () => {
    const model = await pitf.fit(
      withTimes(() => Number.NaN),
      settings,
      contextOf(),
    );
    expect(model.save().arrays.timeFactors.shape).toEqual([0, 6]);
    expect(model.score([historyOfItems([1, 3], 77)])).toEqual(model.score([historyOfItems([1, 3])]));
    const scores = model.score([historyOfItems([1, 3, 5, 7])]);
    const [odd, even] = [1, 0].map((colour) =>
      Math.min(...scores.filter((_, item) => item % 2 === colour)),
    );
    expect(odd).toBeGreaterThan(even);
    expect(pitf.load(decodeArtifact(encodeArtifact(model.save()))).score([historyOfItems([1])])).toEqual(
      model.score([historyOfItems([1])]),
    );
  });

  it('scores a history alike whoever it belongs to', async () => {
    const model = await pitf.fit(data, settings, contextOf());
    expect(model.score([historyOfItems(histories[3], 5, 3)])).toEqual(
      model.score([historyOfItems(histories[3], 5)]),
    );
  });

  it('learns nothing from users of everything, and says that it diverged', async () => {
    const model = await pitf.fit(dataOf([[0, 1, 2]], 3), settings, contextOf());
    expect(Array.from(model.score([historyOfItems([0, 1, 2], 5, 0)])).every(Number.isFinite)).toBe(true);
    await expect(
      pitf.fit(data, { ...settings, learningRate: 1, regularization: 10 }, contextOf()),
    ).rejects.toThrow(TrainingDivergedError);
  });

  it('refuses stored parts that do not fit together', async () => {
    const stored = (await pitf.fit(data, { ...settings, epochs: 1 }, contextOf())).save();
    const { itemFactors, ...rest } = stored.arrays;
    const broken = [
      { ...stored, settings: { ...stored.settings, embeddingSize: 7 } },
      { ...stored, settings: { ...stored.settings, binEdges: [] } },
      { ...stored, settings },
      { ...stored, arrays: { ...rest, itemFactors: { data: itemFactors.data.slice(6), shape: [19, 6] } } },
    ];
    for (const artifact of broken) expect(() => pitf.load(artifact)).toThrow(CorruptArtifactError);
  });
});
