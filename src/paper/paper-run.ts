/** The paper run: one training after the other, each kept as soon as it is done, and at the end the
 *  tables and the chart. */
import { mkdir } from 'node:fs/promises';
import { AppError, BadUserInputError, reasonOf } from '../errors';
import { MissingTimesError, prepareSplit } from '../interactions/splits';
import { packTrainingData } from '../interactions/transfer';
import { runInProcess } from '../lab/run';
import type { Stage } from '../lab/worker';
import type { EpochProgress } from '../models/system';
import { threadFile } from '../threads';
import type { Dataset } from './data/read-dataset';
import { type Failure, type PaperInput, type Snapshot, writeFigures, writeReport } from './outputs';
import { type Part, PartStore, removeLeftovers } from './parts';
import { planTasks } from './plan';
import type { Task, TaskData, TaskResult } from './task';

/** How far: task `index` (from 1) of `total`. */
export interface Place {
  readonly index: number;
  readonly total: number;
}

export interface TaskReporter {
  progress(stage: Stage, fraction: number): void;
  epoch(stage: Stage, record: EpochProgress): void;
  done(part: Part): void;
  failed(reason: string): void;
}

export interface PaperReporter {
  plan(tasks: readonly Task[]): void;
  started(task: Task, place: Place): TaskReporter;
  reused(part: Part, place: Place): void;
  /** Something that a person should know */
  note(text: string): void;
}

export interface PaperOutcome {
  readonly parts: readonly Part[];
  readonly failures: readonly Failure[];
  /** Ended by the signal before all was done */
  readonly stopped: boolean;
}

/** A system that fails does not end the run.
 *  @throws BadUserInputError for a setting or a protocol that cannot be, before anything is
 *  trained */
export async function runPaper(
  input: PaperInput,
  reporter: PaperReporter,
  signal: AbortSignal,
): Promise<PaperOutcome> {
  const { dataset, options, out } = input;
  const startedAt = new Date();
  const tasks = planTasks(options);
  assertMeasurable(dataset, tasks);
  await mkdir(out, { recursive: true });
  await removeLeftovers(out);
  const store = await PartStore.open(out);
  for (const name of store.unreadable)
    reporter.note(`parts/${name} cannot be read by this version and is skipped.`);
  reporter.plan(tasks);
  const done = new Array<Part | Failure | undefined>(tasks.length);
  const keep = async (at: number, what: Part | Failure) => {
    done[at] = what;
    await writing.run(() => writeFigures(snapshot()));
  };
  const snapshot = (): Snapshot => ({
    ...input,
    startedAt,
    parts: done.filter((what) => what !== undefined && 'result' in what),
    failures: done.filter((what) => what !== undefined && 'reason' in what),
    stopped: signal.aborted,
  });
  const writing = new OneAtATime();
  const queue = tasks.entries();
  const work = async () => {
    for (const [at, task] of queue) {
      if (signal.aborted) return;
      const place = { index: at + 1, total: tasks.length };
      const kept = input.fresh ? undefined : store.find(task, dataset.hash);
      if (kept) reporter.reused(kept, place);
      const what = kept ?? (await train(task, reporter.started(task, place), { ...input, store, signal }));
      if (what) await keep(at, what);
    }
  };
  await Promise.all(Array.from({ length: input.jobs }, work));
  const end = snapshot();
  await writeFigures(end);
  await writeReport(end);
  return { parts: end.parts, failures: end.failures, stopped: signal.aborted && done.includes(undefined) };
}

/** @returns undefined when the signal ended it */
async function train(
  task: Task,
  reporter: TaskReporter,
  { dataset, environment, store, signal }: PaperInput & { store: PartStore; signal: AbortSignal },
): Promise<Part | Failure | undefined> {
  const begin = { startedAt: new Date().toISOString(), environment: environment() };
  try {
    const result = await runInProcess<Task, TaskData, TaskResult, never>({
      file: threadFile(__filename, 'child'),
      request: task,
      data: async () => ({
        data: { data: packTrainingData(dataset.data).packed, negatives: dataset.negatives },
      }),
      signal,
      onProgress: (stage, fraction) => reporter.progress(stage, fraction),
      onEpoch: (stage, record) => reporter.epoch(stage, record),
    });
    const part = await store.add({
      dataHash: dataset.hash,
      task,
      result,
      ...begin,
      finishedAt: new Date().toISOString(),
    });
    reporter.done(part);
    return part;
  } catch (error) {
    if (!signal.aborted && !(error instanceof AppError)) throw error;
    const reason = signal.aborted ? 'stopped' : reasonOf(error);
    reporter.failed(reason);
    return signal.aborted
      ? undefined
      : { algorithm: task.algorithm, seed: task.seed, scheme: task.scheme, reason };
  }
}

/** Two that write one file must not overtake each other. */
class OneAtATime {
  private last: Promise<void> = Promise.resolve();

  run(action: () => Promise<void>): Promise<void> {
    this.last = this.last.then(action);
    return this.last;
  }
}

/** @throws BadUserInputError for a split that needs missing times, or that leaves no users to
 *    evaluate */
function assertMeasurable({ data }: Dataset, tasks: readonly Task[]): void {
  for (const scheme of new Set(tasks.map((task) => task.scheme))) {
    const protocols = [
      ...new Set(tasks.filter((task) => task.scheme === scheme).flatMap((task) => task.protocols)),
    ].join(', ');
    try {
      const { users } = prepareSplit(data, { scheme, validation: false }).parts.TEST;
      if (users.length === 0)
        throw new BadUserInputError('protocols', `${protocols}: the data leave no users to evaluate.`);
    } catch (error) {
      if (error instanceof MissingTimesError)
        throw new BadUserInputError('protocols', `${protocols}: ${error.message}`);
      throw error;
    }
  }
}
