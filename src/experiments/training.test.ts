import { dataOf } from '../../test/fixtures/training-data';
import type { LabHooks, Stage } from '../lab/worker';
import { itemKnn } from '../models/item-knn';
import type { System } from '../models/system';
import { trainExperiment } from './training';

const ITEMS = 300;
/** An item has 30 ratings, from users of its own parity. */
const data = dataOf(
  Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) => item).filter((item) => item % 2 === user % 2),
  ),
  ITEMS,
);

/** @param before what happens before each training, by its number from 0 */
async function run(
  before: (turn: number) => void = () => undefined,
  hooks: Partial<LabHooks> = {},
  measureColdItems = true,
) {
  let turns = 0;
  const knn: System = itemKnn;
  const algorithm: System = {
    ...knn,
    async fit(...args) {
      before(turns++);
      const model = await knn.fit(...args);
      args[2].onProgress(1);
      return model;
    },
  };
  const hyperparameters = itemKnn.hyperparameters.parse({ neighbours: ITEMS });
  const request = {
    hyperparameters,
    seed: 1,
    protocol: 'COLD_ITEMS',
    backend: 'cpu',
    trial: false,
    measureColdItems,
  } as const;
  const quiet: LabHooks = {
    signal: new AbortController().signal,
    onEpoch: () => undefined,
    onProgress: () => undefined,
  };
  return { ...(await trainExperiment(algorithm, data, request, { ...quiet, ...hooks })), turns };
}

describe('the curve of new items', () => {
  it('costs five trainings, is the same for the same seed, and changes nothing else', async () => {
    const [first, second, without] = [await run(), await run(), await run(undefined, {}, false)];
    expect([first.turns, without.turns]).toEqual([6, 1]);
    expect(second.coldStart).toEqual(first.coldStart);
    const recall = first.coldStart.filter(({ metric }) => metric === 'recall');
    expect(recall.map(({ knownRatings }) => knownRatings)).toEqual([0, 1, 2, 5, 10, 20]);
    // By the users of one's own parity: chance without them, and nearly all once the items are
    // known by twenty.
    expect(recall[0].mean).toBeLessThan(0.6);
    expect(recall[5].mean).toBeGreaterThan(0.9);
    expect(without.coldStart).toEqual([]);
    expect([without.metrics, without.publication, without.artifact]).toEqual([
      first.metrics,
      first.publication,
      first.artifact,
    ]);
  });

  it('shows its trainings as evenly as the first, records the epochs of the first only, and never goes back', async () => {
    const shown: { readonly stage: Stage; readonly fraction: number }[] = [];
    let epochs = 0;
    await run(undefined, {
      onProgress: (stage, fraction) => shown.push({ stage, fraction }),
      onEpoch: () => epochs++,
    });
    const training = shown.filter(({ stage }) => stage === 'TRAINING').map(({ fraction }) => fraction);
    expect(training).toEqual([...training].sort((a, b) => a - b));
    for (let turn = 1; turn <= 6; turn++) expect(training).toContainEqual(expect.closeTo(turn / 6, 10));
    expect(shown.findIndex(({ stage }) => stage === 'EVALUATING')).toBe(
      shown.findLastIndex(({ stage }) => stage === 'TRAINING') + 1,
    );
    expect(epochs).toBe(1);
  });

  it('leaves everything else where one of its trainings fails, and says so', async () => {
    const whole = await run();
    const broken = await run((turn) => {
      if (turn === 3) throw new Error('a screw came loose');
    });
    expect(broken.coldStart).toEqual([]);
    expect(broken.metrics).toEqual(whole.metrics);
    expect(broken.publication.note).toBe(
      `${whole.publication.note} The cold-start curve of new movies could not be measured: a screw came loose`,
    );
  });

  it('ends the experiment when it is cancelled in the middle', async () => {
    const cancel = new AbortController();
    const running = run((turn) => turn === 3 && cancel.abort(new Error('enough')), {
      signal: cancel.signal,
    });
    await expect(running).rejects.toThrow('enough');
  });
});
