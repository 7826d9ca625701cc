import golden from '../../test/fixtures/golden/evaluation.json';
import { dataOf } from '../../test/fixtures/training-data';
import type { UserHistory } from '../interactions/interaction-log';
import { historyBefore, prepareSplit, SPLIT_SCHEMES } from '../interactions/splits';

import { type Model } from '../models/system';

import { Random } from '../numeric/random';
import { evaluate, type MetricRow, metricKey } from './evaluate';
import { decidingProtocol } from './protocols';
import { InvalidScoresError } from './scoring';
import { validationObjective } from './validation-objective';

function modelOf(itemCount: number, scoreOne: (history: UserHistory) => ArrayLike<number>): Model {
  return {
    name: 'POPULARITY',
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

const constant = (itemCount: number) => modelOf(itemCount, () => new Float32Array(itemCount));

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
        expect({ key, mean: figure(rows, `FULL_LAST_ITEM/${splitName}/${key}`).mean }).toEqual({
          key,
          mean: expect.closeTo(value, 6),
        });
      }
    }
    // Per user: 5 metrics with cut-offs of one ranking, novelty, three groups, and MRR; of all
    // lists: three.
    expect(rows).toHaveLength(2 * (12 * 3 + 1));
    for (const row of rows.filter(({ ciLow }) => ciLow !== null)) {
      expect(row.ciLow!).toBeLessThanOrEqual(row.mean);
      expect(row.ciHigh!).toBeGreaterThanOrEqual(row.mean);
      if (!row.metric.startsWith('recall') || row.metric === 'recall') expect(row.users).toBe(30);
    }
  });

  it('gives the same means as they and NumPy do with many items to find, on a split by time', async () => {
    const { items: count, histories: own, times, scores: table, measured, expected: means } = golden.timed;
    const data = dataOf(own, count);
    const timed = {
      ...data,
      interactions: { ...data.interactions, timestamp: Float64Array.from(times.flat()) },
    };
    const split = prepareSplit(timed, { scheme: 'TIME' });
    const { rows, userIds } = await evaluate(
      modelOf(count, (history) => table[history.userIndex!]),
      split,
    );
    for (const splitName of ['VALIDATION', 'TEST'] as const) {
      expect(Array.from(userIds[splitName])).toEqual(measured[splitName].users.map((user) => user + 1));
      expect(split.parts[splitName].relevant).toHaveLength(measured[splitName].relevant);
      for (const [key, value] of Object.entries(means[splitName])) {
        expect({ key, mean: figure(rows, `TIME_SPLIT/${splitName}/${key}`).mean }).toEqual({
          key,
          mean: expect.closeTo(value, 6),
        });
      }
    }
    expect(Object.values(means).flatMap((part) => Object.keys(part))).toHaveLength(rows.length);
    const objective = validationObjective(split)!;
    const model = modelOf(count, (history) => table[history.userIndex!]);
    expect(objective(model)).toBeCloseTo(means.VALIDATION['ndcg@20'], 6);
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
    const { rows } = await evaluate(constant(400), split);
    // Standard error of a share of 0.1 of 2,000 users: 0.0067.
    for (const name of ['VALIDATION', 'TEST']) {
      expect(Math.abs(figure(rows, `SAMPLED_LAST_ITEM/${name}/recall@10`).mean - 0.1)).toBeLessThan(0.027);
      expect(Math.abs(figure(rows, `FULL_LAST_ITEM/${name}/recall@20`).mean - 20 / 395)).toBeLessThan(0.02);
    }
  });

  it.each(SPLIT_SCHEMES)('gives a constant scorer on a split by %s what chance gives', async (scheme) => {
    const random = new Random(3);
    const histories = Array.from({ length: 900 }, () =>
      Array.from(random.sampleWithoutReplacement(150, 30)),
    );
    const data = dataOf(histories, 150);
    const timestamp = data.interactions.timestamp.map(
      (_, row) => 5_000 * (row % 30) + 150_000 * random.uniform(),
    );
    for (let user = 0; user < 900; user++) timestamp.subarray(30 * user, 30 * user + 30).sort();
    const split = prepareSplit({ ...data, interactions: { ...data.interactions, timestamp } }, { scheme });
    const protocol = decidingProtocol(split);
    const { rows } = await evaluate(constant(150), split, { protocols: [protocol] });
    for (const name of ['VALIDATION', 'TEST'] as const) {
      const { users, candidates } = split.parts[name];
      expect(users.length).toBeGreaterThan(50);
      const recall = figure(rows, `${protocol}/${name}/recall@10`);
      const competing = (user: number) =>
        candidates?.length ?? 150 - historyBefore(split, user, name).items.length;
      const expected =
        Array.from(users, (user) => 10 / competing(user)).reduce((sum, share) => sum + share, 0) /
        users.length;
      // The interval is of 95 %; twice as wide it is of 99.99 %.
      const width = recall.ciHigh! - recall.ciLow!;
      expect(Math.abs(recall.mean - expected)).toBeLessThan(width);
      expect(width).toBeLessThan(0.12);
    }
  });

  it('measures an oracle of many items as perfect, and only what fits the split', async () => {
    const split = prepareSplit(randomData(60, 120, 30), { scheme: 'HOLDOUT' });
    const place = new Map(Array.from(split.parts.TEST.users, (user, at) => [user, at]));
    const oracle = modelOf(120, (history) => {
      const scores = new Float32Array(120);
      const at = place.get(history.userIndex!)!;
      const { offsets, relevant } = split.parts.TEST;
      for (const item of relevant.subarray(offsets[at], offsets[at + 1])) scores[item] = 1;
      return scores;
    });
    const { rows } = await evaluate(oracle, split, { splits: ['TEST'] });
    // Six of thirty are held out: five of them fit into the first five.
    for (const [key, value] of [
      ['precision@5', 1],
      ['recall@5', 5 / 6],
      ['recall@10', 1],
      ['ndcg@10', 1],
      ['map@10', 1],
      ['mrr@0', 1],
    ]) {
      expect({ key, mean: figure(rows, `FULL_HOLDOUT/TEST/${key}`).mean }).toEqual({
        key,
        mean: expect.closeTo(value as number, 6),
      });
    }
    expect(new Set(rows.map(({ protocol }) => protocol))).toEqual(new Set(['FULL_HOLDOUT']));
    await expect(evaluate(oracle, split, { protocols: ['FULL_LAST_ITEM'] })).rejects.toThrow(
      /FULL_LAST_ITEM .* LEAVE_LAST_OUT, not HOLDOUT/,
    );
  });

  it('ranks cold items among themselves only, and shows new users as strangers', async () => {
    const cold = prepareSplit(randomData(60, 120, 30), { scheme: 'COLD_ITEMS' });
    const { rows } = await evaluate(constant(120), cold, { splits: ['TEST'], ks: [12] });
    // All 12 candidates fit: everything is found, and everything is shown.
    expect(cold.parts.TEST.candidates).toHaveLength(12);
    expect(figure(rows, 'COLD_ITEMS/TEST/recall@12').mean).toBe(1);
    expect(figure(rows, 'COLD_ITEMS/TEST/coverage@12').mean).toBe(1);
    expect(figure(rows, 'COLD_ITEMS/TEST/gini@12').mean).toBeCloseTo(0, 12);
    // Without a rating in training every cold item is of the tail.
    expect(figure(rows, 'COLD_ITEMS/TEST/recallTail@12').users).toBe(cold.parts.TEST.users.length);
    expect(rows.some(({ metric }) => metric === 'recallHead')).toBe(false);
    const strangers = prepareSplit(randomData(60, 120, 30), { scheme: 'NEW_USERS' });
    const seen: (number | undefined)[] = [];
    const spy = modelOf(120, (history) => {
      seen.push(history.userIndex);
      return new Float32Array(120);
    });
    await evaluate(spy, strangers);
    expect(seen).toEqual(new Array(12).fill(undefined));
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
    const table = Array.from({ length: 200 }, () =>
      Float32Array.from({ length: 300 }, () => random.uniform()),
    );
    const model = modelOf(300, (history) => table[history.userIndex!]);
    const progress: number[] = [];
    const first = await evaluate(model, split, { onProgress: (fraction) => progress.push(fraction) });
    expect(await evaluate(model, split)).toEqual(first);
    const other = await evaluate(model, split, { seed: 2 });
    expect(other.perUser['SAMPLED_LAST_ITEM/TEST/mrr@0']).not.toEqual(
      first.perUser['SAMPLED_LAST_ITEM/TEST/mrr@0'],
    );
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses the score %p', async (bad) => {
    const model = modelOf(6, () => Float32Array.of(1, 2, bad, 3, 4, 5));
    await expect(evaluate(model, prepareSplit(dataOf([[5, 3, 1, 0]], 6)))).rejects.toThrow(
      InvalidScoresError,
    );
  });

  it('refuses a model of another catalogue, and one that gives too few scores', async () => {
    const split = prepareSplit(dataOf([[5, 3, 1, 0]], 6));
    await expect(
      evaluate(
        modelOf(5, () => new Float32Array(5)),
        split,
      ),
    ).rejects.toThrow(RangeError);
    const short: Model = { ...modelOf(6, () => []), score: () => new Float32Array(3) };
    await expect(evaluate(short, split)).rejects.toThrow(InvalidScoresError);
  });

  it('stops when told to', async () => {
    const split = prepareSplit(randomData(2_000, 300, 4));
    const controller = new AbortController();
    const model = modelOf(300, () => new Float32Array(300));
    const running = evaluate(model, split, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
