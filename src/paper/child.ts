/** The process that trains one system: what it takes is given back when it ends, and a crash is its
 *  own. */
import { toMessage } from '../errors';
import { unpackTrainingData } from '../interactions/transfer';
import { systemNamed } from '../models/systems';
import { quietNativeLog } from '../tensor/engine';
import type { FromChild, Stage, ToChild } from './task';
import { trainTask } from './train-task';

const PROGRESS_EVERY_MS = 200;

const cancel = new AbortController();
let reported: { readonly stage: Stage; readonly at: number } | undefined;

function send(message: FromChild): void {
  process.send?.(message);
}

async function run({ task, data, negatives }: Extract<ToChild, { type: 'start' }>): Promise<FromChild> {
  const result = await trainTask(
    systemNamed(task.algorithm),
    task,
    { data: unpackTrainingData(data), negatives },
    {
      signal: cancel.signal,
      onEpoch: (stage, record) => send({ type: 'epoch', stage, record }),
      onProgress: (stage, fraction) => {
        if (reported?.stage === stage && performance.now() - reported.at < PROGRESS_EVERY_MS) return;
        reported = { stage, at: performance.now() };
        send({ type: 'progress', stage, fraction });
      },
    },
  );
  return { type: 'done', result };
}

function describe(error: unknown): FromChild {
  if (cancel.signal.aborted) return { type: 'cancelled' };
  return { type: 'failed', error: toMessage(error) };
}

quietNativeLog();
// Ctrl-C reaches the whole group of processes; the parent says what is to be done.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => cancel.abort());
// The parent is gone: nobody wants the result.
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToChild) => {
  if (message.type === 'cancel') return cancel.abort();
  void run(message)
    .catch(describe)
    .then((last) => process.send?.(last, () => process.exit(0)));
});
