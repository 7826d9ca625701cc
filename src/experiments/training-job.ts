/** Runs one training in a worker thread and survives whatever happens in there. */

import { Worker } from 'node:worker_threads';
import { AppError, fromMessage } from '../errors';
import type { EpochProgress } from '../models/system';
import { threadFile } from '../threads';
import { type CatalogColumns, transferOf } from './catalog-columns';
import type {
  DataDescription,
  FromTrainingThread,
  ToTrainingThread,
  TrainingProgress,
  TrainingRequest,
  TrainingResult,
} from './training-messages';

/** How long a cancelled thread may take to stop by itself. */
const CANCEL_GRACE_MS = 1_500;
/** How long a thread that has given its result may take to end. */
const END_GRACE_MS = 1_000;

/** The training ended without a model; the message is for the experiment's record. */
export class TrainingFailedError extends AppError {
  readonly code = 'TRAINING_FAILED';
}

export interface TrainingJob {
  /** Called while the thread loads its engine. */
  readonly columns: (signal: AbortSignal) => Promise<CatalogColumns>;
  readonly signal: AbortSignal;
  onData(description: DataDescription): void;
  onEpoch(record: EpochProgress): void;
  onProgress(progress: TrainingProgress): void;
  /** Another main file for the thread: tests of what a crash does. */
  readonly file?: string | undefined;
  /** Of the thread's JavaScript objects; the matrices are not among them. Node's default without
   *  it. */
  readonly heapMegabytes?: number | undefined;
}

/** @returns when the thread has ended
 *  @throws the thread's error; TrainingFailedError when it crashes or runs out of memory;
 *    `signal.reason` when that was aborted (the thread is stopped within 1.5 s); whatever `columns`
 *    throws */
export async function runTraining(request: TrainingRequest, job: TrainingJob): Promise<TrainingResult> {
  job.signal.throwIfAborted();
  const file = job.file ?? threadFile(__filename, 'training-thread');
  const resourceLimits = job.heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: job.heapMegabytes };
  const worker = new Worker(file, { workerData: request, name: 'nearfield-training', resourceLimits });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const loading = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    loading.abort(job.signal.reason);
    worker.postMessage({ type: 'cancel' } satisfies ToTrainingThread);
    grace = setTimeout(() => void worker.terminate(), CANCEL_GRACE_MS);
  };
  job.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = outcomeOf(worker, job);
    outcome.catch(() => loading.abort()); // no use in reading on for a thread that is gone
    const columns = job.columns(loading.signal).then((data) => {
      worker.postMessage({ type: 'data', columns: data } satisfies ToTrainingThread, transferOf(data));
    });
    // Whichever fails first says why; the result comes after both.
    await Promise.race([outcome, columns]);
    const result = await outcome;
    job.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw job.signal.aborted ? job.signal.reason : error;
  } finally {
    job.signal.removeEventListener('abort', onAbort);
    clearTimeout(grace);
    await end(worker, ended, job.signal.aborted ? 0 : END_GRACE_MS);
  }
}

function outcomeOf(worker: Worker, job: TrainingJob): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromTrainingThread) => {
      if (message.type === 'data') job.onData(message);
      else if (message.type === 'progress') job.onProgress(message);
      else if (message.type === 'epoch') job.onEpoch(message.record);
      else if (message.type === 'done') resolve(message.result);
      else if (message.type === 'failed') reject(fromMessage(message.error));
      else reject(new TrainingFailedError('The training was stopped.'));
    });
    worker.on('error', (error: unknown) =>
      reject(new TrainingFailedError(crashReason(error), { cause: error })),
    );
    worker.on('exit', (code) =>
      reject(new TrainingFailedError(`The training thread ended unexpectedly, with exit code ${code}.`)),
    );
  });
}

function crashReason(error: unknown): string {
  if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'The training thread ran out of memory. Give Node.js more (NODE_OPTIONS=--max-old-space-size=MEGABYTES), or train on less.';
  }
  // By its message, not by its class: the thread has an Error of its own.
  const message = (error as Partial<Error> | null)?.message;
  return `The training thread crashed: ${message ?? String(error)}`;
}

/** A thread with a native library is better left to end by itself. */
async function end(worker: Worker, ended: Promise<void>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([ended, late]);
  clearTimeout(timer);
  await worker.terminate();
}
