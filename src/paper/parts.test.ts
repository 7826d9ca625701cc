/** A training is found again by all that its figures depend on, and by nothing else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Part, PartStore, partKey } from './parts';
import type { Task } from './task';

const task: Task = {
  algorithm: 'BPR_MF',
  seed: 1,
  scheme: 'LEAVE_LAST_OUT',
  protocols: ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM'],
  hyperparameters: { epochs: 3, learningRate: 0.1 },
  fitting: 'FIXED',
  backend: 'auto',
};
const part: Omit<Part, 'format' | 'key'> = {
  dataHash: 'd',
  task,
  result: {
    rows: [],
    hyperparameters: task.hyperparameters,
    backend: 'plain TypeScript',
    trainSeconds: 1,
    trainCpuSeconds: 1,
    selectionSeconds: 0,
    evaluationSeconds: 1,
    peakMegabytes: 100,
    selectionEpochs: [],
    epochs: [],
  },
  environment: { revision: 'r', node: '20', platform: 'linux x64', cpu: 'c', cores: 2, memoryGigabytes: 8 },
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
};

describe('partKey', () => {
  it.each<[string, Partial<Task>]>([
    ['seed', { seed: 2 }],
    ['system', { algorithm: 'PITF' }],
    ['split', { scheme: 'HOLDOUT' }],
    ['protocols', { protocols: ['FULL_LAST_ITEM'] }],
    ['a hyperparameter', { hyperparameters: { epochs: 4, learningRate: 0.1 } }],
    ['way of fitting', { fitting: 'REFIT' }],
    ['back end', { backend: 'wasm' }],
  ])('changes with the %s', (_, change) => {
    expect(partKey({ ...task, ...change }, 'd')).not.toBe(partKey(task, 'd'));
  });

  it('changes with the data, and not with the order of names', () => {
    expect(partKey(task, 'e')).not.toBe(partKey(task, 'd'));
    const same: Task = {
      ...task,
      hyperparameters: { learningRate: 0.1, epochs: 3 },
      protocols: [...task.protocols].reverse(),
    };
    expect(partKey(same, 'd')).toBe(partKey(task, 'd'));
  });
});

describe('PartStore', () => {
  const out = mkdtempSync(join(tmpdir(), 'nearfield-parts-'));
  afterAll(() => rmSync(out, { recursive: true }));

  it('finds in a new process what was added, passes over what is no part, and clears away what a kill left', async () => {
    const added = await (await PartStore.open(out)).add(part);
    const [file] = readdirSync(join(out, 'parts'));
    writeFileSync(
      join(out, 'parts', 'half.json'),
      readFileSync(join(out, 'parts', file), 'utf8').slice(0, 200),
    );
    writeFileSync(join(out, 'parts', 'edited.json'), JSON.stringify({ ...added, dataHash: 'another' }));
    writeFileSync(join(out, 'parts', 'x.json.0123abcd.tmp'), '{');
    const store = await PartStore.open(out);
    expect(store.find(task, 'd')).toEqual(added);
    expect(store.find({ ...task, seed: 2 }, 'd')).toBeUndefined();
    expect(store.find(task, 'another')).toBeUndefined();
    expect(store.unreadable).toEqual(['edited.json', 'half.json']);
    expect(readdirSync(join(out, 'parts'))).not.toContain('x.json.0123abcd.tmp');
  });
});
