import { type EpochProgress, type FitContext, type Model, TrainingDivergedError } from './system';
import { runEpochs, Turns } from './training-loop';

/** A training whose model after epoch e has e items. */
async function run(given: {
  metrics?: readonly number[];
  loss?: (epoch: number) => number;
  signal?: AbortSignal;
}) {
  const records: EpochProgress[] = [];
  let trained = 0;
  const { metrics, loss = (epoch) => 1 / epoch } = given;
  const context: FitContext = {
    seed: 1,
    backend: 'auto',
    signal: given.signal ?? new AbortController().signal,
    onEpoch: (record) => void records.push(record),
    onProgress() {},
    ...(metrics && { validate: (model: Model) => metrics[model.itemCount - 1] }),
  };
  const model = await runEpochs(
    {
      epochs: 6,
      patience: 2,
      turns: new Turns(context),
      trainEpoch: async (epoch) => {
        trained = epoch;
        return loss(epoch);
      },
      publish: () => ({ itemCount: trained }) as Model,
    },
    context,
  );
  return { model: model.itemCount, records };
}

it('gives the last model without validation', async () => {
  const { model, records } = await run({});
  expect(model).toBe(6);
  expect(records.map(({ epoch, loss, validationMetric }) => [epoch, loss, validationMetric])).toEqual(
    [1, 2, 3, 4, 5, 6].map((epoch) => [epoch, 1 / epoch, undefined]),
  );
});

it('keeps the best by validation, the first of equals, and stops when patience is out', async () => {
  const { model, records } = await run({ metrics: [0.1, 0.4, 0.4, 0.2, 0.9, 0.9] });
  expect(model).toBe(2);
  expect(records.map(({ validationMetric }) => validationMetric)).toEqual([0.1, 0.4, 0.4, 0.2]);
});

it('says that it diverged, and hears a cancellation', async () => {
  await expect(run({ loss: () => Number.NaN })).rejects.toThrow(TrainingDivergedError);
  const reason = new Error('cancelled');
  await expect(run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
