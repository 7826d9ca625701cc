import { contextOf } from '../../test/fixtures/fit-context';
import golden from '../../test/fixtures/golden/references.json';
import { dataOf } from '../../test/fixtures/training-data';
import { usersByItem } from '../interactions/csr';
import type { UserHistory } from '../interactions/interaction-log';
import { CorruptArtifactError } from './artifact';
import { FactorSolver, implicitAls, objective, scaledRegularization, solveSide } from './implicit-als';

import { Turns } from './training-loop';

const historyOfItems = (items: readonly number[], userIndex?: number): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
  userIndex,
});

describe.each(golden.als)('implicit ALS on $histories.length users of $items items', (expected) => {
  const { items: itemCount, histories, settings, initial, itemFactors, losses, stranger } = expected;
  const log = dataOf(histories, itemCount).interactions;
  const d = settings.embeddingSize;

  it("follows NumPy's alternation from the same start, objective included", async () => {
    const users = {
      rows: { offsets: log.offsets, indices: log.itemIndex },
      factors: new Float32Array(log.users.size * d),
    };
    const items = { rows: usersByItem(log), factors: Float32Array.from(initial) };
    const turns = new Turns(contextOf());
    for (const loss of losses) {
      await solveSide(
        { rows: users.rows, fixed: items.factors, target: users.factors },
        settings,
        turns,
        (part) => part,
      );
      await solveSide(
        { rows: items.rows, fixed: users.factors, target: items.factors },
        settings,
        turns,
        (part) => part,
      );
      expect(objective(users, items, settings)).toBeCloseTo(loss, 4);
    }
    items.factors.forEach((value, at) => {
      expect(value).toBeCloseTo(itemFactors[at], 4);
    });
  });

  it('solves a stranger as NumPy does, from stored factors', () => {
    const complete = implicitAls.hyperparameters.parse(settings);
    const arrays = { itemFactors: { data: Float32Array.from(itemFactors), shape: [itemCount, d] } };
    const model = implicitAls.load({ kind: 'IMPLICIT_ALS', format: 1, settings: complete, arrays });
    const scores = model.score([historyOfItems([]), historyOfItems(stranger.history)]);
    scores.subarray(itemCount).forEach((score, item) => {
      expect(score).toBeCloseTo(stranger.scores[item], 5);
    });
    expect(scores.subarray(0, itemCount).every((score) => score === 0)).toBe(true);
  });
});

it('solves one dimension as by hand', () => {
  // h = 1, 2, 3; S = {1, 2}: w = (2 + 3) / (4 + 9 + 0.5 · 14 + 5)
  const out = new Float64Array(1);
  new FactorSolver(Float32Array.of(1, 2, 3), 1, 0.5).solve(Int32Array.of(1, 2), 5, out);
  expect(out[0]).toBeCloseTo(5 / 25, 14);
});

it('gathers histories longer than a chunk', () => {
  const [n, d] = [600, 3];
  const fixed = Float32Array.from({ length: n * d }, (_, at) => Math.sin(at));
  const [whole, rest] = [new Float64Array(d), new Float64Array(d)];
  const everything = Int32Array.from({ length: n }, (_, item) => item);
  // Observing all with weight 1 beside α₀ = 1 is observing with weight 2: half of α₀ = 2's answer
  // for no extra weight.
  new FactorSolver(fixed, d, 1).solve(everything, 4, whole);
  const gram = Array.from({ length: d }, (_, r) =>
    Array.from({ length: d }, (__, c) =>
      everything.reduce((sum, item) => sum + fixed[item * d + r] * fixed[item * d + c], 0),
    ),
  );
  for (let r = 0; r < d; r++) {
    for (let c = 0; c < d; c++) rest[r] += 2 * gram[r][c] * whole[c];
    rest[r] += 4 * whole[r];
    expect(rest[r]).toBeCloseTo(
      everything.reduce((sum, item) => sum + fixed[item * d + r], 0),
      6,
    );
  }
});

it('regularisation grows with frequency, unless the exponent is 0', () => {
  const settings = { embeddingSize: 4, regularization: 0.1, unobservedWeight: 0.5 };
  expect(scaledRegularization({ ...settings, regularizationExponent: 1 }, 6, 100)).toBeCloseTo(5.6, 12);
  expect(scaledRegularization({ ...settings, regularizationExponent: 0 }, 6, 100)).toBeCloseTo(0.1, 12);
});

describe('training', () => {
  const histories = Array.from({ length: 30 }, (_, user) =>
    Array.from({ length: 6 }, (__, n) => (n * 3 + user * (1 + (user % 2))) % 17),
  );
  const data = dataOf(
    histories.map((items) => [...new Set(items)]),
    17,
  );
  const settings = implicitAls.hyperparameters.parse({ embeddingSize: 5, epochs: 12 });

  it('lowers the objective every epoch', async () => {
    const losses: number[] = [];
    await implicitAls.fit(data, settings, contextOf({ onEpoch: ({ loss }) => void losses.push(loss) }));
    expect(losses).toHaveLength(12);
    losses.slice(1).forEach((loss, at) => {
      expect(loss).toBeLessThanOrEqual(losses[at] * (1 + 1e-6));
    });
  });

  it('keeps the best epoch by validation and stops when patience is out', async () => {
    const seen: Float32Array[] = [];
    const metrics = [0.1, 0.4, 0.3, 0.2, 0.9];
    const model = await implicitAls.fit(
      data,
      { ...settings, patience: 2 },
      contextOf({
        validate: (candidate) => {
          seen.push((candidate.save().arrays.itemFactors.data as Float32Array).slice());
          return metrics[seen.length - 1];
        },
      }),
    );
    expect(seen).toHaveLength(4);
    expect(model.save().arrays.itemFactors.data).toEqual(seen[1]);
  });

  it('scores by the history alone: who it belongs to changes nothing', async () => {
    const model = await implicitAls.fit(data, settings, contextOf());
    const scores = model.score([historyOfItems([1, 4, 7], 3), historyOfItems([1, 4, 7])]);
    expect(scores.subarray(0, 17)).toEqual(scores.subarray(17));
  });

  it('refuses stored factors of another size', async () => {
    const stored = (await implicitAls.fit(data, settings, contextOf())).save();
    expect(() => implicitAls.load({ ...stored, settings: { ...settings, embeddingSize: 6 } })).toThrow(
      CorruptArtifactError,
    );
  });
});
