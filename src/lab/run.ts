/** Runs a training in a worker thread or in a process, and survives whatever happens in there. */
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { AppError, fromMessage } from '../errors';
import type { FromWorker, LabHooks, ToWorker } from './worker';

/** The training ended without a result. */
export class TrainingFailedError extends AppError {
  readonly code = 'TRAINING_FAILED';
}

export interface LabJob<Request, Data, Description> extends LabHooks {
  /** Absolute path of the worker's compiled main file, which calls `serve`. */
  readonly file: string;
  readonly request: Request;
  /** Called while the worker prepares. `transfer`: memory that a thread takes over. */
  data(signal: AbortSignal): Promise<{ readonly data: Data; readonly transfer?: ArrayBuffer[] }>;
  onDescription?(description: Description): void;
}

/** A thread shares the process, and can take memory over.
 *  @param limits heap of the thread's JavaScript objects, without the matrices; Node's default
 *    without it
 *  @throws as runJob */
export function runInThread<Request, Data, Result, Description>(
  job: LabJob<Request, Data, Description>,
  limits: { readonly heapMegabytes?: number | undefined } = {},
): Promise<Result> {
  job.signal.throwIfAborted();
  const { heapMegabytes } = limits;
  const worker = new Worker(job.file, {
    name: 'nearfield-training',
    resourceLimits: heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: heapMegabytes },
  });
  return runJob<Request, Data, Result, Description>(job, {
    cancelGraceMs: 1_500,
    endGraceMs: 1_000,
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    kill: () => void worker.terminate(),
    onMessage: (listener) => worker.on('message', listener),
    onFailure: (listener) => worker.on('error', (error) => listener(crashReason(error))),
    onExit: (listener) =>
      worker.once('exit', (code) => listener(`The training thread exited unexpectedly with code ${code}.`)),
  });
}

/** What a process takes is given back when it ends, and a crash is its own.
 *  @throws as runJob */
export function runInProcess<Request, Data, Result, Description>(
  job: LabJob<Request, Data, Description>,
): Promise<Result> {
  job.signal.throwIfAborted();
  // `advanced` is the structured clone: typed arrays as they are.
  const child = fork(job.file, [], { serialization: 'advanced' });
  return runJob<Request, Data, Result, Description>(job, {
    cancelGraceMs: 3_000,
    endGraceMs: 2_000,
    // If the process has exited, its exit event reports that.
    send: (message) => child.connected && child.send(message, () => undefined),
    kill: () => void child.kill('SIGKILL'),
    onMessage: (listener) => child.on('message', (message) => listener(message as never)),
    onFailure: (listener) =>
      child.once('error', (error) =>
        listener(`The training process could not be started: ${error.message}`),
      ),
    onExit: (listener) => child.once('exit', (code, signal) => listener(exitReason(code, signal))),
  });
}

interface Handle<Request, Data, Result, Description> {
  /** How long a cancelled worker may take to stop by itself. */
  readonly cancelGraceMs: number;
  /** How long a worker may take to end after its last message: native libraries end better so. */
  readonly endGraceMs: number;
  send(message: ToWorker<Request, Data>, transfer?: ArrayBuffer[]): void;
  kill(): void;
  onMessage(listener: (message: FromWorker<Result, Description>) => void): void;
  onFailure(listener: (reason: string) => void): void;
  onExit(listener: (reason: string) => void): void;
}

/** @returns when the worker has ended
 *  @throws the worker's error; TrainingFailedError when it crashes, is killed or runs out of
 *    memory; `signal.reason` when that was aborted; what `data` throws */
async function runJob<Request, Data, Result, Description>(
  job: LabJob<Request, Data, Description>,
  worker: Handle<Request, Data, Result, Description>,
): Promise<Result> {
  const { signal } = job;
  const ended = new Promise<void>((resolve) => worker.onExit(() => resolve()));
  const loading = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    loading.abort(signal.reason);
    worker.send({ type: 'cancel' });
    grace = setTimeout(worker.kill, worker.cancelGraceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = outcomeOf(worker, job);
    outcome.catch(() => loading.abort()); // stop reading when the worker has exited
    worker.send({ type: 'start', request: job.request });
    const sent = job.data(loading.signal).then(({ data, transfer }) => {
      worker.send({ type: 'data', data }, transfer);
    });
    // Whichever fails first says why; the result comes after both.
    await Promise.race([outcome, sent]);
    const result = await outcome;
    signal.throwIfAborted();
    return result;
  } catch (error) {
    worker.send({ type: 'cancel' });
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    grace ??= setTimeout(worker.kill, worker.endGraceMs);
    await ended;
    clearTimeout(grace);
  }
}

function outcomeOf<Request, Data, Result, Description>(
  worker: Handle<Request, Data, Result, Description>,
  job: LabJob<Request, Data, Description>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => reject(new TrainingFailedError(reason, { cause }));
    worker.onMessage((message) => {
      if (message.type === 'description') job.onDescription?.(message.description);
      else if (message.type === 'progress') job.onProgress(message.stage, message.fraction);
      else if (message.type === 'epoch') job.onEpoch(message.stage, message.record);
      else if (message.type === 'done') resolve(message.result);
      else if (message.type === 'failed') reject(fromMessage(message.error));
      else fail('The training was stopped.');
    });
    worker.onFailure(fail);
    worker.onExit(fail);
  });
}

function crashReason(error: unknown): string {
  if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return (
      'The training thread ran out of memory. Give Node.js more ' +
      '(NODE_OPTIONS=--max-old-space-size=MEGABYTES), or train on less.'
    );
  }
  // By its message, not by its class: the thread has a separate Error class.
  const message = (error as Partial<Error> | null)?.message;
  return `The training thread crashed: ${message ?? String(error)}`;
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL')
    return 'The training process was killed (SIGKILL), probably because the system ran out of memory.';
  if (signal === 'SIGABRT' || code === 134)
    return 'The training process aborted (SIGABRT), probably because the Node.js heap was full.';
  return `The training process ended without a result (${signal ?? `exit code ${code}`}).`;
}
