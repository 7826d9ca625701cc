/** Whatever happens in the worker that trains, its parent hears why. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess, runInThread } from './run';

const folder = mkdtempSync(join(tmpdir(), 'nearfield-task-'));
afterAll(() => rmSync(folder, { recursive: true }));

function runFile(run: typeof runInProcess, script: string, signal = new AbortController().signal) {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.cjs`);
  writeFileSync(
    file,
    `const port = require('node:worker_threads').parentPort ?? process;
    port.on('message', ({ type }) => { if (type !== 'start') { ${script} } });`,
  );
  return run<null, number[], unknown, never>({
    file,
    request: null,
    data: async () => ({ data: [1, 2, 3] }),
    signal,
    onProgress: () => undefined,
    onEpoch: () => undefined,
  });
}

const REFUSAL = {
  type: 'failed',
  error: { name: 'UnfitDataError', code: 'DATA_UNFIT', message: 'Nobody has a history.', forPeople: true },
};

describe('runInProcess', () => {
  it.each([
    ['an exit', 'process.exit(3)', 'ended without a result (exit code 3)'],
    [
      'a kill',
      "process.kill(process.pid, 'SIGKILL')",
      'was killed (SIGKILL), probably because the system ran out of memory',
    ],
    ['an abort', "process.kill(process.pid, 'SIGABRT')", 'aborted (SIGABRT)'],
    [
      'a refusal',
      `process.send(${JSON.stringify(REFUSAL)}, () => process.exit(0))`,
      'Nobody has a history.',
    ],
  ])('tells of %s', async (_, script, message) => {
    await expect(runFile(runInProcess, script)).rejects.toThrow(message);
  });

  it('ends a process that does not listen, and gives the reason of the signal', async () => {
    const abort = new AbortController();
    const ended = runFile(runInProcess, 'for (;;);', abort.signal);
    setTimeout(() => abort.abort(new Error('Stopped.')), 200);
    await expect(ended).rejects.toThrow('Stopped.');
  });
});

describe('runInThread', () => {
  it.each([
    ['an exit', 'process.exit(3)', 'The training thread exited unexpectedly with code 3.'],
    ['a crash', "throw new Error('a screw came loose')", 'The training thread crashed: a screw came loose'],
    ['a refusal', `port.postMessage(${JSON.stringify(REFUSAL)})`, 'Nobody has a history.'],
  ])('tells of %s', async (_, script, message) => {
    await expect(runFile(runInThread, script)).rejects.toThrow(message);
  });

  it('keeps whether people may read an error of the worker', async () => {
    const error = { name: 'UnfitDataError', code: 'DATA_UNFIT', forPeople: true };
    const script = `port.postMessage(${JSON.stringify(REFUSAL)})`;
    await expect(runFile(runInThread, script)).rejects.toMatchObject(error);
  });
});

it.each([
  ['thread', runInThread],
  ['process', runInProcess],
] as const)('a %s that waits for data hears that there are none', async (_, run) => {
  const file = join(folder, `waits-${_}.cjs`);
  writeFileSync(
    file,
    `const { parentPort } = require('node:worker_threads');
    (parentPort ?? process).on('message', ({ type }) => type === 'cancel' && process.exit(0));`,
  );
  const job = { file, request: null, signal: new AbortController().signal, onProgress() {}, onEpoch() {} };
  const data = () => Promise.reject(new Error('No ratings.'));
  await expect(run({ ...job, data })).rejects.toThrow('No ratings.');
});
