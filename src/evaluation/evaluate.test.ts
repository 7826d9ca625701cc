import type { RankingModel } from '../algorithms/algorithm';
import type { UserHistory } from '../interactions/interaction-log';
import { prepareSplit } from '../interactions/splits';
import { dataOf } from '../interactions/testing/data';
import { Random } from '../numeric/random';
import { evaluate, type MetricRow, metricKey } from './evaluate';
import golden from './golden/golden.json';
import { InvalidScoresError } from './scoring';
import { validationObjective } from './validation-objective';

function modelOf(itemCount: number, scoreOne: (history: UserHistory) => ArrayLike<number>): RankingModel {
  return {
    algorithm: 'POPULARITY',
    itemCount,
    space: null,
    score: (histories) => {
      const scores = new Float32Array(histories.length * itemCount);
      histories.forEach((history, b) => {
        scores.set(scoreOne(history), b * itemCount);
      });
      return scores;
    },
    save: () => ({ kind: 'test', format: 1, settings: {}, arrays: {} }),
  };
}

function figure(rows: readonly MetricRow[], key: string): MetricRow {
  const row = rows.find((candidate) => metricKey(candidate) === key);
  if (row === undefined) throw new Error(`No row ${key}.`);
  return row;
}

/** Users with random histories over a catalogue. */
function randomData(users: number, items: number, length: number) {
  const random = new Random(99);
  return dataOf(
    Array.from({ length: users }, () => Array.from(random.sampleWithoutReplacement(items, length))),
    items,
  );
}

describe('evaluate', () => {
  const { items, histories, scores, expected } = golden.catalogue;
  const goldenSplit = prepareSplit(dataOf(histories, items));
  const goldenModel = modelOf(items, (history) => scores[history.userIndex!]);

  it('gives the means that trec_eval and ranx give for the same histories and scores', async () => {
    const { rows } = await evaluate(goldenModel, goldenSplit, { protocols: ['FULL_LAST_ITEM'] });
    for (const splitName of ['VALIDATION', 'TEST'] as const) {
      for (const [key, value] of Object.entries(expected[splitName])) {
        expect({ key, mean: figure(rows, `FULL_LAST_ITEM/${splitName}/${key}`).mean }).toEqual({ key, mean: expect.closeTo(value, 6) });
      }
    }
    // Per user: 5 metrics with cut-offs of one ranking, novelty, three groups, and MRR; of all lists: three.
    expect(rows).toHaveLength(2 * (12 * 3 + 1));
    for (const row of rows.filter(({ ciLow }) => ciLow !== null)) {
      expect(row.ciLow!).toBeLessThanOrEqual(row.mean);
      expect(row.ciHigh!).toBeGreaterThanOrEqual(row.mean);
      if (!row.metric.startsWith('recall') || row.metric === 'recall') expect(row.users).toBe(30);
    }
  });

  it('keeps one value a user and metric, whose mean is the reported one', async () => {
    const { rows, perUser, userIds } = await evaluate(goldenModel, goldenSplit);
    expect(Array.from(userIds.TEST)).toEqual(histories.map((_, user) => user + 1));
    expect(userIds.VALIDATION).toEqual(userIds.TEST);
    for (const row of rows.filter(({ ciLow }) => ciLow !== null)) {
      expect(perUser[metricKey(row)]).toHaveLength(30);
      const values = perUser[metricKey(row)].filter((value) => !Number.isNaN(value));
      expect(values).toHaveLength(row.users);
      expect(values.reduce((a, b) => a + b, 0) / row.users).toBeCloseTo(row.mean, 5);
    }
  });

  it('the objective of early stopping is the reported NDCG@20 of the full catalogue on validation', async () => {
    const { rows } = await evaluate(goldenModel, goldenSplit);
    const objective = validationObjective(goldenSplit)!;
    expect(objective(goldenModel)).toBeCloseTo(figure(rows, 'FULL_LAST_ITEM/VALIDATION/ndcg@20').mean, 6);
    const some = validationObjective(goldenSplit, { sampleUsers: 7 })!;
    expect(some(goldenModel)).toBe(some(goldenModel));
    expect(validationObjective(prepareSplit(dataOf([[1, 2]], 4)))).toBeUndefined();
  });

  it('gives a constant scorer what chance gives: recall@10 of about 0.10 among 99 negatives', async () => {
    const split = prepareSplit(randomData(2_000, 400, 6));
    const { rows } = await evaluate(
      modelOf(400, () => new Float32Array(400)),
      split,
    );
    // Standard error of a share of 0.1 of 2,000 users: 0.0067.
    for (const name of ['VALIDATION', 'TEST']) {
      expect(Math.abs(figure(rows, `SAMPLED_LAST_ITEM/${name}/recall@10`).mean - 0.1)).toBeLessThan(0.027);
      expect(Math.abs(figure(rows, `FULL_LAST_ITEM/${name}/recall@20`).mean - 20 / 395)).toBeLessThan(0.02);
    }
  });

  it('gives an oracle 1 and its opposite 0, and lets no seen item compete', async () => {
    const split = prepareSplit(randomData(50, 300, 8));
    const last = (sign: number) => (history: UserHistory) => {
      const own = new Float32Array(300);
      const user = history.userIndex!;
      own[split.parts[history.items.length === 6 ? 'VALIDATION' : 'TEST'].relevant[user]] = sign;
      // Far above all, but seen: must not take a place.
      for (const item of history.items) own[item] = 9;
      return own;
    };
    const best = await evaluate(modelOf(300, last(1)), split);
    const worst = await evaluate(modelOf(300, last(-1)), split);
    for (const protocol of ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM']) {
      for (const name of ['VALIDATION', 'TEST']) {
        for (const key of ['recall@5', 'ndcg@10', 'map@20', 'mrr@0', 'hitRate@5']) {
          expect(figure(best.rows, `${protocol}/${name}/${key}`).mean).toBe(1);
        }
        expect(figure(best.rows, `${protocol}/${name}/precision@5`).mean).toBeCloseTo(0.2, 6);
        expect(figure(worst.rows, `${protocol}/${name}/recall@20`).mean).toBe(0);
      }
    }
    expect(figure(worst.rows, 'SAMPLED_LAST_ITEM/TEST/mrr@0').mean).toBeCloseTo(1 / 100, 6);
  });

  it('shows the model the training rows on VALIDATION and these and the validation item on TEST', async () => {
    const split = prepareSplit(dataOf([[5, 3, 1, 0]], 6));
    const seen: number[][] = [];
    const spy = modelOf(6, (history) => {
      seen.push(Array.from(history.items));
      return new Float32Array(6);
    });
    await evaluate(spy, split);
    expect(seen).toEqual([
      [5, 3],
      [5, 3, 1],
    ]);
  });

  it('manages with fewer candidates than k, and with nobody to measure', async () => {
    const small = await evaluate(
      modelOf(4, () => Float32Array.of(4, 3, 2, 1)),
      prepareSplit(dataOf([[0, 1, 2]], 4)),
    );
    expect(figure(small.rows, 'FULL_LAST_ITEM/TEST/recall@20').mean).toBe(1);
    expect(figure(small.rows, 'SAMPLED_LAST_ITEM/TEST/precision@5').mean).toBeCloseTo(1 / 5, 6);
    const none = await evaluate(
      modelOf(4, () => new Float32Array(4)),
      prepareSplit(dataOf([[0, 1]], 4)),
    );
    expect(none.rows).toEqual([]);
  });

  it('is the same for the same seed, draws other candidates for another, and reports its progress', async () => {
    const split = prepareSplit(randomData(200, 300, 6));
    const random = new Random(7);
    const table = Array.from({ length: 200 }, () => Float32Array.from({ length: 300 }, () => random.uniform()));
    const model = modelOf(300, (history) => table[history.userIndex!]);
    const progress: number[] = [];
    const first = await evaluate(model, split, { onProgress: (fraction) => progress.push(fraction) });
    expect(await evaluate(model, split)).toEqual(first);
    const other = await evaluate(model, split, { seed: 2 });
    expect(other.perUser['SAMPLED_LAST_ITEM/TEST/mrr@0']).not.toEqual(first.perUser['SAMPLED_LAST_ITEM/TEST/mrr@0']);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses the score %p', async (bad) => {
    const model = modelOf(6, () => Float32Array.of(1, 2, bad, 3, 4, 5));
    await expect(evaluate(model, prepareSplit(dataOf([[5, 3, 1, 0]], 6)))).rejects.toThrow(InvalidScoresError);
  });

  it('refuses a model of another catalogue, and one that gives too few scores', async () => {
    const split = prepareSplit(dataOf([[5, 3, 1, 0]], 6));
    await expect(
      evaluate(
        modelOf(5, () => new Float32Array(5)),
        split,
      ),
    ).rejects.toThrow(RangeError);
    const short: RankingModel = { ...modelOf(6, () => []), score: () => new Float32Array(3) };
    await expect(evaluate(short, split)).rejects.toThrow(InvalidScoresError);
  });

  it('stops when told to', async () => {
    const split = prepareSplit(randomData(2_000, 300, 4));
    const controller = new AbortController();
    const model = modelOf(300, () => new Float32Array(300));
    const running = evaluate(model, split, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
