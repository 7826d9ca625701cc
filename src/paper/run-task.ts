/** Runs one training in a process of its own and survives whatever happens in there. */

import { type ChildProcess, fork } from 'node:child_process';
import { AppError, fromMessage, reasonOf } from '../errors';
import { packTrainingData } from '../interactions/transfer';
import { type EpochProgress } from '../models/system';
import { threadFile } from '../threads';
import type { FromChild, Stage, Task, TaskResult, ToChild } from './task';
import type { TaskData } from './train-task';

/** How long a cancelled process may take to stop by itself. */
const CANCEL_GRACE_MS = 3_000;
/** How long a process that has given its result may take to end. */
const END_GRACE_MS = 2_000;

/** The training ended without a result; the message is for people. */
export class TaskFailedError extends AppError {
  readonly code = 'TRAINING_FAILED';
}

export interface TaskRun {
  readonly signal: AbortSignal;
  onProgress(stage: Stage, fraction: number): void;
  onEpoch(stage: Stage, record: EpochProgress): void;
  /** Another main file for the process: tests of what a crash does. */
  readonly file?: string;
}

/** @returns when the process has ended
 *  @throws TaskFailedError when the training fails, is refused, crashes or is killed;
 *    `signal.reason` when that was aborted */
export async function runTask(task: Task, { data, negatives }: TaskData, run: TaskRun): Promise<TaskResult> {
  run.signal.throwIfAborted();
  // `advanced` is the structured clone: typed arrays as they are.
  const child = fork(run.file ?? threadFile(__filename, 'child'), [], { serialization: 'advanced' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    send(child, { type: 'cancel' });
    grace = setTimeout(() => child.kill('SIGKILL'), CANCEL_GRACE_MS);
  };
  run.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = outcomeOf(child, run);
    send(child, { type: 'start', task, data: packTrainingData(data).packed, negatives });
    return await outcome;
  } catch (error) {
    throw run.signal.aborted ? run.signal.reason : error;
  } finally {
    run.signal.removeEventListener('abort', onAbort);
    grace ??= setTimeout(() => child.kill('SIGKILL'), END_GRACE_MS);
    await ended;
    clearTimeout(grace);
  }
}

function outcomeOf(child: ChildProcess, run: TaskRun): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.type === 'progress') run.onProgress(message.stage, message.fraction);
      else if (message.type === 'epoch') run.onEpoch(message.stage, message.record);
      else if (message.type === 'done') resolve(message.result);
      else
        reject(
          new TaskFailedError(
            message.type === 'failed' ? reasonOf(fromMessage(message.error)) : 'The training was stopped.',
          ),
        );
    });
    child.once('error', (error) =>
      reject(new TaskFailedError(`The training process could not be started: ${error.message}`)),
    );
    child.once('exit', (code, signal) => reject(new TaskFailedError(deathNote(code, signal))));
  });
}

function deathNote(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL')
    return 'The training process was killed (SIGKILL), as systems do when memory runs out.';
  if (signal === 'SIGABRT' || code === 134)
    return 'The training process aborted (SIGABRT), as Node.js does when its heap is full.';
  return `The training process ended without a result (${signal ?? `exit code ${code}`}).`;
}

/** What a process that is gone does not hear, its end will tell. */
function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}
