/** Which data a system is trained on, with how many epochs, and what is reported of it. */
import { z } from 'zod';

import { dataOf } from '../../test/fixtures/training-data';
import { popularity } from '../models/popularity';
import type { Model, System } from '../models/system';
import { type Task, taskResult } from '../paper/task';
import { bestEpoch, type Fitting, trainAndMeasure } from './train';

const data = dataOf(
  Array.from({ length: 8 }, (_, user) => Array.from({ length: 6 }, (_, at) => (user + at) % 12)),
  12,
);
/** Validation metrics come from the data; the losses tell the epoch. */
function recorder() {
  const fits: { readonly rows: number; readonly epochs: number; readonly validates: boolean }[] = [];
  const algorithm: System<'MOVIES', { epochs: number }> = {
    ...popularity,
    hyperparameters: z.strictObject({ epochs: z.int().min(1) }),
    async fit(trainingData, { epochs }, context) {
      fits.push({
        rows: trainingData.interactions.itemIndex.length,
        epochs,
        validates: context.validate !== undefined,
      });
      let model: Model | undefined;
      for (let epoch = 1; epoch <= epochs; epoch++) {
        model = await popularity.fit(trainingData, {}, { ...context, onEpoch: () => undefined });
        // The second epoch is the best by decree.
        const validationMetric = context.validate && (epoch === 2 ? 2 : context.validate(model));
        context.onEpoch({ epoch, epochs, loss: 1 / epoch, validationMetric, seconds: 0 });
      }
      return model!;
    },
  };
  return { algorithm, fits };
}

async function train(fitting: Fitting) {
  const { algorithm, fits } = recorder();
  const task: Task = {
    algorithm: 'POPULARITY',
    seed: 3,
    scheme: 'LEAVE_LAST_OUT',
    protocols: ['FULL_LAST_ITEM'],
    hyperparameters: { epochs: 4 },
    fitting,
    backend: 'auto',
  };
  const hooks = {
    signal: new AbortController().signal,
    onEpoch: () => undefined,
    onProgress: () => undefined,
  };
  const measured = await trainAndMeasure(algorithm, data, { ...task, parts: ['TEST'] }, hooks);
  return { result: taskResult(task, measured, 0), fits };
}

describe('trainAndMeasure', () => {
  it('FIXED: all but the test items, at once', async () => {
    const { result, fits } = await train('FIXED');
    expect(fits).toEqual([{ rows: 8 * 5, epochs: 4, validates: false }]);
    expect(result.epochs).toHaveLength(4);
    expect(result.selectionEpochs).toEqual([]);
  });

  it('REFIT: finds the epoch on validation items, then trains anew on them too', async () => {
    const { result, fits } = await train('REFIT');
    expect(fits).toEqual([
      { rows: 8 * 4, epochs: 4, validates: true },
      { rows: 8 * 5, epochs: 2, validates: false },
    ]);
    expect(result.hyperparameters).toEqual({ epochs: 2 });
    expect(result.selectionEpochs).toHaveLength(4);
  });

  it('EARLY_STOPPING: measures the very model that saw no validation items', async () => {
    const { result, fits } = await train('EARLY_STOPPING');
    expect(fits).toEqual([{ rows: 8 * 4, epochs: 4, validates: true }]);
    expect(result.epochs).toHaveLength(4);
  });

  it('reports test figures of the protocols asked for, with the names that results.json has', async () => {
    const { rows } = (await train('FIXED')).result;
    expect(new Set(rows.map(({ protocol }) => protocol))).toEqual(new Set(['FULL_LAST_ITEM']));
    const row = rows.find(({ metric, k }) => metric === 'recall' && k === 10);
    expect(Object.keys(row!)).toEqual([
      'algorithm',
      'protocol',
      'metric',
      'k',
      'mean',
      'ciLow',
      'ciHigh',
      'users',
      'seed',
      'trainSeconds',
      'backend',
    ]);
    expect(row).toMatchObject({ algorithm: 'POPULARITY', users: 8, seed: 3, backend: 'plain TypeScript' });
  });
});

describe('bestEpoch', () => {
  const epochs = (...metrics: (number | undefined)[]) =>
    metrics.map((validationMetric, at) => ({
      epoch: at + 1,
      epochs: 9,
      loss: 0,
      validationMetric,
      seconds: 0,
    }));

  it('is the first of the highest, or none', () => {
    expect(bestEpoch(epochs(0.1, 0.3, 0.3, 0.2))).toBe(2);
    expect(bestEpoch(epochs(0, 0))).toBe(1);
    expect(bestEpoch(epochs(undefined, undefined))).toBeNull();
    expect(bestEpoch([])).toBeNull();
  });
});
