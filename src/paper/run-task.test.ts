/** Whatever happens in the process that trains, this one hears why. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataOf } from '../../test/fixtures/training-data';
import { runTask } from './run-task';
import type { Task } from './task';

const folder = mkdtempSync(join(tmpdir(), 'nearfield-task-'));
afterAll(() => rmSync(folder, { recursive: true }));

const task: Task = {
  algorithm: 'POPULARITY',
  seed: 1,
  scheme: 'LEAVE_LAST_OUT',
  protocols: ['FULL_LAST_ITEM'],
  hyperparameters: {},
  fitting: 'FIXED',
  backend: 'auto',
};

function run(script: string, signal = new AbortController().signal) {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.cjs`);
  writeFileSync(file, `process.on('message', (message) => { ${script} });`);
  return runTask(
    task,
    { data: dataOf([[0, 1, 2]], 3), negatives: null },
    { signal, file, onProgress: () => undefined, onEpoch: () => undefined },
  );
}

describe('runTask', () => {
  it.each([
    ['an exit', 'process.exit(3)', 'ended without a result (exit code 3)'],
    [
      'a kill',
      "process.kill(process.pid, 'SIGKILL')",
      'was killed (SIGKILL), as systems do when memory runs out',
    ],
    ['an abort', "process.kill(process.pid, 'SIGABRT')", 'aborted (SIGABRT)'],
    [
      'a refusal',
      "process.send({ type: 'failed', reason: 'Nobody has a history.' }, () => process.exit(0))",
      'Nobody has a history.',
    ],
  ])('tells of %s', async (_, script, message) => {
    await expect(run(script)).rejects.toThrow(message);
  });

  it('ends a process that does not listen, and gives the reason of the signal', async () => {
    const abort = new AbortController();
    const ended = run('for (;;);', abort.signal);
    setTimeout(() => abort.abort(new Error('Stopped.')), 200);
    await expect(ended).rejects.toThrow('Stopped.');
  });
});
