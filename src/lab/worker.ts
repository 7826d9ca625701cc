/** The inside of a worker thread or process that trains, and the messages that it and its parent
 *  exchange. */
import { isMainThread, parentPort } from 'node:worker_threads';
import { type ErrorMessage, toMessage } from '../errors';
import type { EpochProgress } from '../models/system';

/** SELECTING: the fit that finds the number of epochs, before the one that is measured. */
export type Stage = 'SELECTING' | 'TRAINING' | 'EVALUATING';

export interface LabHooks {
  readonly signal: AbortSignal;
  onEpoch(stage: Stage, record: EpochProgress): void;
  /** @param fraction 0 to 1 within the stage */
  onProgress(stage: Stage, fraction: number): void;
}

export type ToWorker<Request, Data> =
  | { readonly type: 'start'; readonly request: Request }
  | { readonly type: 'data'; readonly data: Data }
  | { readonly type: 'cancel' };

export type FromWorker<Result, Description> =
  | { readonly type: 'description'; readonly description: Description }
  | { readonly type: 'progress'; readonly stage: Stage; readonly fraction: number }
  | { readonly type: 'epoch'; readonly stage: Stage; readonly record: EpochProgress }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

interface WorkHooks<Description> extends LabHooks {
  /** Tells the parent what the data are, before the result. */
  describe(description: Description): void;
}

export interface Work<Data, Result, Description> {
  run(data: Data, hooks: WorkHooks<Description>): Promise<Result>;
  /** Memory that a thread hands over instead of a copy. */
  transfer?(result: Result): ArrayBuffer[];
}

const PROGRESS_EVERY_MS = 100;

/** The main file of a worker calls this once.
 *  @param prepare gets the request at once, while the parent is still reading the data */
export function serve<Request, Data, Result, Description = never>(
  prepare: (request: Request) => Work<Data, Result, Description> | Promise<Work<Data, Result, Description>>,
): void {
  type Message = FromWorker<Result, Description>;
  const cancel = new AbortController();
  let work: Promise<Work<Data, Result, Description>>;
  let running = false;
  const port = openPort<ToWorker<Request, Data>, Message>((message) => {
    if (message.type === 'start') {
      work = Promise.resolve(message.request).then(prepare);
      work.catch(() => undefined); // reported by `run`, which awaits it
    } else if (message.type === 'data') {
      running = true;
      void run(message.data);
    } else {
      cancel.abort();
      if (!running) port.end({ type: 'cancelled' });
    }
  });
  async function run(data: Data): Promise<void> {
    try {
      const { run: train, transfer } = await work;
      const result = await train(data, hooksOf<Description>(cancel.signal, port.send));
      port.end({ type: 'done', result }, transfer?.(result));
    } catch (error) {
      port.end(cancel.signal.aborted ? { type: 'cancelled' } : { type: 'failed', error: toMessage(error) });
    }
  }
}

function hooksOf<Description>(
  signal: AbortSignal,
  send: (message: Exclude<FromWorker<never, Description>, { type: 'done' }>) => void,
): WorkHooks<Description> {
  let reported: { readonly stage: Stage; readonly at: number } | undefined;
  return {
    signal,
    describe: (description) => send({ type: 'description', description }),
    onEpoch: (stage, record) => send({ type: 'epoch', stage, record }),
    onProgress: (stage, fraction) => {
      if (reported?.stage === stage && performance.now() - reported.at < PROGRESS_EVERY_MS) return;
      reported = { stage, at: performance.now() };
      send({ type: 'progress', stage, fraction });
    },
  };
}

interface Port<Outgoing> {
  send(message: Outgoing): void;
  /** Sends the last message; the worker then ends. */
  end(message: Outgoing, transfer?: ArrayBuffer[]): void;
}

function openPort<Incoming, Outgoing>(onMessage: (message: Incoming) => void): Port<Outgoing> {
  if (!isMainThread && parentPort) {
    const port = parentPort;
    port.on('message', onMessage);
    return {
      send: (message) => port.postMessage(message),
      end: (message, transfer = []) => {
        port.postMessage(message, transfer);
        port.close();
      },
    };
  }
  // Ctrl-C reaches the whole process group; the parent decides what to do.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => onMessage({ type: 'cancel' } as Incoming));
  process.on('disconnect', () => process.exit(1)); // the parent has exited
  process.on('message', onMessage);
  return {
    send: (message) => process.send?.(message),
    end: (message) => process.send?.(message, () => process.exit(0)),
  };
}
