/** The thread that trains: gets columns, gives back measurements and an artifact. It sees no
 *  database and no network. */
import { parentPort, workerData } from 'node:worker_threads';
import { toMessage } from '../errors';
import { TAG_PROTOCOL } from '../evaluation/protocols';
import { datasetHash, taggingsHash } from '../interactions/dataset-hash';
import { systemNamed } from '../models/systems';
import { loadEngine } from '../tensor/engine';
import { type CatalogColumns, tagTrainingDataOf, trainingDataOf } from './catalog-columns';
import { type TrainingHooks, trainAndMeasure } from './training';
import type {
  DataDescription,
  FromTrainingThread,
  ToTrainingThread,
  TrainingRequest,
  TrainingResult,
} from './training-messages';
import { trainAndMeasureTags } from './training-tags';
import { buffersOf } from './user-figures';

const PROGRESS_EVERY_MS = 100;

if (!parentPort) throw new Error('This file is the main file of a worker thread.');
const port = parentPort;
const request = workerData as TrainingRequest;
const cancel = new AbortController();

function send(message: FromTrainingThread, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, [...transfer]);
}

/** Loads while the columns are still being read. */
const backend: Promise<string> = systemNamed(request.algorithm).engine
  ? loadEngine({ backend: request.backend === 'auto' ? undefined : request.backend }).then(
      (engine) => engine.description,
    )
  : Promise.resolve('plain TypeScript');
backend.catch(() => undefined); // reported by `run`, which awaits it

interface Job {
  readonly description: Omit<DataDescription, 'backend'>;
  readonly train: (hooks: TrainingHooks) => Promise<TrainingResult>;
}

const prepare: (columns: CatalogColumns) => Job = prepareFor(request);

function prepareFor({ algorithm: name, protocol }: TrainingRequest): (columns: CatalogColumns) => Job {
  const system = systemNamed(name);
  if (system.task === 'TAGS') {
    return (columns) => {
      const data = tagTrainingDataOf(columns);
      const counts = {
        users: data.users.size,
        movies: data.items.size,
        ratings: 0,
        taggings: data.taggings.tagIndex.length,
      };
      const description = { datasetHash: taggingsHash(data.taggings, data), counts };
      return { description, train: (hooks) => trainAndMeasureTags(system, data, request, hooks) };
    };
  }
  if (protocol === TAG_PROTOCOL) throw new RangeError(`${name} is not measured under ${protocol}.`);
  return (columns) => {
    const data = trainingDataOf(columns);
    const { interactions, taggings } = data;
    const counts = {
      users: interactions.users.size,
      movies: interactions.items.size,
      ratings: interactions.itemIndex.length,
      taggings: taggings.tagIndex.length,
    };
    const description = { datasetHash: datasetHash(data), counts };
    return {
      description,
      train: (hooks) => trainAndMeasure(system, data, { ...request, protocol }, hooks),
    };
  };
}

async function run(columns: CatalogColumns): Promise<void> {
  const engine = await backend;
  const { description, train } = prepare(columns);
  send({ type: 'data', ...description, backend: engine });
  let reportedAt = 0;
  const result = await train({
    signal: cancel.signal,
    onEpoch: (record) => send({ type: 'epoch', record }),
    onProgress: ({ stage, fraction }) => {
      if (performance.now() - reportedAt < PROGRESS_EVERY_MS && fraction > 0) return;
      reportedAt = performance.now();
      send({ type: 'progress', stage, fraction });
    },
  });
  send({ type: 'done', result }, [result.artifact.buffer as ArrayBuffer, ...buffersOf(result.userFigures)]);
}

function describe(error: unknown): FromTrainingThread {
  if (cancel.signal.aborted) return { type: 'cancelled' };
  return { type: 'failed', error: toMessage(error) };
}

port.on('message', (message: ToTrainingThread) => {
  if (message.type === 'cancel') return cancel.abort();
  run(message.columns)
    .catch((error: unknown) => send(describe(error)))
    .finally(() => port.close());
});
