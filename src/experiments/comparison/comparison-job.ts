/** Runs comparisons in a separate thread, one at a time, to leave the machine free for other
 *  work. */
import { Worker } from 'node:worker_threads';
import { threadFile } from '../../threads';
import type { SystemFigures, SystemsComparison } from './compare';

let last: Promise<unknown> = Promise.resolve();

/** @param systems moved to the thread: not to be read afterwards
 *  @throws Error when the thread fails */
export function runComparison(systems: readonly SystemFigures[]): Promise<SystemsComparison> {
  const result = last.then(() => inThread(systems));
  last = result.catch(() => undefined);
  return result;
}

function inThread(systems: readonly SystemFigures[]): Promise<SystemsComparison> {
  const memory = systems
    .flat()
    .flatMap(({ userIds, values }) => [userIds.buffer as ArrayBuffer, values.buffer as ArrayBuffer]);
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadFile(__filename, 'comparison-thread'), {
      name: 'nearfield-comparison',
      workerData: systems,
      transferList: [...new Set(memory)],
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The comparison thread exited with code ${code}.`)));
  });
}
