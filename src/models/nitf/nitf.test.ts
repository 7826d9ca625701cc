import { contextOf } from '../../../test/fixtures/fit-context';
import { dataOf } from '../../../test/fixtures/training-data';
import { buildItemFeatures } from '../../interactions/build';
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from '../artifact';
import { type Block, BlockGradient, historyScale, SparseRows } from './block-gradient';
import { nitf } from './nitf';

const historyOfItems = (items: readonly number[], given: Partial<UserHistory> = {}): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length).fill(Number.NaN),
  ...given,
});

describe("the gradient of a user's block", () => {
  const d = 2;
  const itemCount = 4;
  const exponent = 0.7;
  const random = new Random(3);
  const drawn = (rows: number) => Float64Array.from({ length: rows * d }, () => random.uniform());
  const features = [
    { columns: [0], weights: [1] },
    { columns: [0, 1], weights: [0.6, 0.8] },
    { columns: [], weights: [] },
    { columns: [1], weights: [0.5] },
  ];
  const tables = ['users', 'items', 'times'] as const;
  const start = { users: drawn(itemCount + 3), items: drawn(itemCount + 2), times: drawn(2) };
  type Tables = typeof start;
  const copy = (): Tables => ({
    users: start.users.slice(),
    items: start.items.slice(),
    times: start.times.slice(),
  });
  const block: Block = {
    history: Int32Array.of(2, 0, 3),
    negatives: Int32Array.of(1, 1, -1),
    bins: Int32Array.of(1, -1, 0),
    known: [itemCount, itemCount + 2],
  };

  /** The formulas of block-gradient.ts, written out. */
  const lossOf = ({ users, items, times }: Tables): number => {
    const row = (table: Float64Array, at: number) => Array.from(table.subarray(at * d, (at + 1) * d));
    const plus = (a: number[], b: number[], weight = 1) => a.map((value, k) => value + weight * b[k]);
    const itemFactor = (item: number) =>
      features[item].columns.reduce(
        (sum, column, n) => plus(sum, row(items, itemCount + column), features[item].weights[n]),
        row(items, item),
      );
    let loss = 0;
    block.history.forEach((positive, at) => {
      if (block.negatives[at] < 0) return;
      const others = Array.from(block.history).filter((item) => item !== positive);
      let w = new Array<number>(d).fill(0);
      for (const known of block.known) w = plus(w, row(users, known));
      for (const other of others) w = plus(w, row(users, other), others.length ** -exponent);
      const c = block.bins[at] < 0 ? [1, 1] : row(times, block.bins[at]);
      const [better, worse] = [itemFactor(positive), itemFactor(block.negatives[at])];
      const x = w.reduce((sum, value, k) => sum + value * c[k] * (better[k] - worse[k]), 0);
      loss += Math.log(1 + Math.exp(-x));
    });
    return loss;
  };

  it('is that of finite differences, and comes with the loss', () => {
    const gradient = new BlockGradient({ ...start, d }, features, exponent);
    expect(gradient.add(block)).toBeCloseTo(lossOf(start), 12);
    for (const name of tables) {
      for (let at = 0; at < start[name].length; at++) {
        const [up, down] = [copy(), copy()];
        up[name][at] += 1e-5;
        down[name][at] -= 1e-5;
        expect(gradient[name].values[at]).toBeCloseTo((lossOf(up) - lossOf(down)) / 2e-5, 8);
      }
    }
    gradient.users.clear();
    expect(gradient.users.values.every((value) => value === 0)).toBe(true);
  });

  it('scales a history by its length', () => {
    expect([historyScale(4, 0.5), historyScale(4, 0), historyScale(4, 1), historyScale(0, 0.5)]).toEqual([
      0.5, 1, 0.25, 0,
    ]);
  });
});

it('a projected step ends at 0, not below, moves touched rows only, and shows a NaN', () => {
  const rows = new SparseRows(3, 2);
  rows.addTo(2, Float64Array.of(3, -4), 1);
  const table = Float32Array.of(1, 1, 1, 1, 0.25, 1);
  const squares = new Float32Array(6);
  rows.descend(table, squares, { learningRate: 0.5, regularization: 0 });
  expect(Array.from(table)).toEqual([1, 1, 1, 1, 0, 1.5]);
  expect(Array.from(squares)).toEqual([0, 0, 0, 0, 9, 16]);
  rows.addTo(2, Float64Array.of(Number.NaN, 0), 1);
  rows.descend(table, squares, { learningRate: 0.5, regularization: 0 });
  expect(table[4]).toBeNaN();
});

describe('training', () => {
  const ITEMS = 24;
  const random = new Random(1);
  // Items 20 .. 23 are rated by nobody.
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data: TrainingData = {
    ...dataOf(histories, ITEMS),
    demographics: histories.map((_, user) => ({
      gender: user % 2 === 1 ? 'F' : 'M',
      age: null,
      occupation: null,
    })),
  };
  const settings = nitf.hyperparameters.parse({ embeddingSize: 6, epochs: 30 });
  /** How much higher the lowest odd item stands than the highest even one. */
  const lead = (scores: Float32Array, from = 0, to = ITEMS) => {
    const of = (colour: number) =>
      Array.from(scores.subarray(from, to)).filter((_, at) => (from + at) % 2 === colour);
    return Math.min(...of(1)) - Math.max(...of(0));
  };

  it('keeps every factor ≥ 0, some of them 0', async () => {
    const { arrays } = (await nitf.fit(data, settings, contextOf())).save();
    for (const { data: values } of Object.values(arrays))
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    // The rows of the 20 items that somebody has: the projection was needed.
    const users = arrays.userFactors.data.subarray(0, 20 * 6);
    expect(users.filter((value) => value === 0).length).toBeGreaterThan(0);
  });

  it('scores users without training by history or demographics, items without training by genre', async () => {
    const model = await nitf.fit(data, settings, contextOf());
    expect(lead(model.score([historyOfItems([1, 3, 5])]), 0, 20)).toBeGreaterThan(0);
    expect(lead(model.score([historyOfItems([1, 3, 5])]), 20)).toBeGreaterThan(0);
    expect(lead(model.score([historyOfItems([0, 2, 4])]), 20)).toBeLessThan(0);
    const [female, nobody] = ['F', null].map((gender) =>
      model.score([historyOfItems([], { demographics: { gender, age: null, occupation: null } })]),
    );
    expect(lead(female, 20)).toBeGreaterThan(0);
    expect(nobody.every((score) => score > 0)).toBe(true);
    const same = model.score([historyOfItems(histories[3], { userIndex: 3 })]);
    expect(same).toEqual(model.score([historyOfItems(histories[3])]));
  });

  it('multiplies by the time of the last interaction', async () => {
    const { timestamp, offsets } = data.interactions;
    const times = timestamp.map((_, row) => (offsets.findIndex((from) => from > row) - 1) % 2);
    const model = await nitf.fit(
      { ...data, demographics: null, interactions: { ...data.interactions, timestamp: times } },
      { ...settings, timeBins: 2 },
      contextOf(),
    );
    const at = (time: number) =>
      lead(model.score([historyOfItems([0, 1], { timestamps: Float64Array.of(time, time) })]), 0, 20);
    expect(at(1)).toBeGreaterThan(at(0));
    expect(model.save().arrays.timeFactors.shape).toEqual([2, 6]);
  });

  it('goes without times, genres and years, and learns nothing from users of everything', async () => {
    const bare: TrainingData = {
      ...data,
      demographics: null,
      itemFeatures: buildItemFeatures(data.interactions.items, { itemId: [], genres: [], year: [] }),
      interactions: { ...data.interactions, timestamp: data.interactions.timestamp.map(() => Number.NaN) },
    };
    const model = await nitf.fit(bare, settings, contextOf());
    expect(lead(model.score([historyOfItems([1, 3, 5])]), 0, 20)).toBeGreaterThan(0);
    const all = await nitf.fit(dataOf([[0, 1, 2]], 3), settings, contextOf());
    expect(all.score([historyOfItems([0])]).every(Number.isFinite)).toBe(true);
  });

  it('reads back what it stored, and refuses parts that do not fit together or are negative', async () => {
    const model = await nitf.fit(data, { ...settings, epochs: 1 }, contextOf());
    const stored = model.save();
    const history = historyOfItems([2, 4], { demographics: { gender: 'F', age: null, occupation: null } });
    expect(nitf.load(decodeArtifact(encodeArtifact(stored))).score([history])).toEqual(
      model.score([history]),
    );
    const { itemFactors } = stored.arrays;
    const broken = [
      { ...stored, settings: { ...stored.settings, embeddingSize: 7 } },
      { ...stored, settings: { ...stored.settings, demographicKeys: [] } },
      { ...stored, settings },
      {
        ...stored,
        arrays: {
          ...stored.arrays,
          itemFactors: { ...itemFactors, data: Float32Array.from(itemFactors.data, (v) => v - 1) },
        },
      },
    ];
    for (const artifact of broken) expect(() => nitf.load(artifact)).toThrow(CorruptArtifactError);
  });
});
