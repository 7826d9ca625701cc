/** The thread that trains: gets columns, gives back measurements and an artifact. It sees no database and no network. */
import { parentPort, workerData } from 'node:worker_threads';
import type { AlgorithmName } from '../algorithms/algorithm';
import { datasetHash } from '../interactions/dataset-hash';
import { loadEngine } from '../tensor';
import { findAlgorithm } from './algorithms';
import { type CatalogColumns, trainingDataOf } from './catalog-columns';
import { trainAndMeasure } from './training';
import type { FromTrainingThread, ToTrainingThread, TrainingRequest } from './training-messages';
import { buffersOf } from './user-figures';

/** They compute in plain TypeScript; all others have an engine. */
const WITHOUT_ENGINE: ReadonlySet<AlgorithmName> = new Set([
  'POPULARITY',
  'ITEM_KNN',
  'IMPLICIT_ALS',
  'BPR_MF',
  'PITF',
  'NITF',
  'LRML',
  'CML',
  'ATF',
]);
const PROGRESS_EVERY_MS = 100;
/** Errors whose message was written for people. */
const SPEAKING = new Set([
  'UnfitDataError',
  'TrainingDivergedError',
  'InvalidRowsError',
  'InvalidScoresError',
  'MissingTimesError',
  'BackendUnavailableError',
  'CorruptArtifactError',
]);

if (!parentPort) throw new Error('This file is the main file of a worker thread.');
const port = parentPort;
const request = workerData as TrainingRequest;
const cancel = new AbortController();

function send(message: FromTrainingThread, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, [...transfer]);
}

/** Loads while the columns are still being read. */
const backend: Promise<string> = WITHOUT_ENGINE.has(request.algorithm)
  ? Promise.resolve('plain TypeScript')
  : loadEngine({ backend: request.backend === 'auto' ? undefined : request.backend }).then((engine) => engine.description);
backend.catch(() => undefined); // reported by `run`, which awaits it
const algorithm = findAlgorithm(request.algorithm);

async function run(columns: CatalogColumns): Promise<void> {
  const description = await backend;
  const data = trainingDataOf(columns);
  const { interactions, taggings } = data;
  const counts = {
    users: interactions.users.size,
    movies: interactions.items.size,
    ratings: interactions.itemIndex.length,
    taggings: taggings.tagIndex.length,
  };
  send({ type: 'data', datasetHash: datasetHash(data), counts, backend: description });
  let reportedAt = 0;
  const result = await trainAndMeasure(algorithm, data, request, {
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
  if (!(error instanceof Error)) return { type: 'failed', reason: String(error), stack: '' };
  const reason = SPEAKING.has(error.name) ? error.message : `${error.name}: ${error.message}`;
  return { type: 'failed', reason, stack: error.stack ?? '' };
}

port.on('message', (message: ToTrainingThread) => {
  if (message.type === 'cancel') return cancel.abort();
  run(message.columns)
    .catch((error: unknown) => send(describe(error)))
    .finally(() => port.close());
});
