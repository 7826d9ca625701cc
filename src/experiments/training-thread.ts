/** The thread that trains: gets columns, gives back measurements and an artifact. It sees no
 *  database and no network. */
import { TAG_PROTOCOL } from '../evaluation/protocols';
import { datasetHash, taggingsHash } from '../interactions/dataset-hash';
import { serve } from '../lab/worker';
import { systemNamed } from '../models/systems';
import { loadEngine } from '../tensor/engine';
import { type CatalogColumns, tagTrainingDataOf, trainingDataOf } from './catalog-columns';
import {
  type DataDescription,
  type TrainingRequest,
  type TrainingResult,
  trainExperiment,
} from './training';
import { buffersOf } from './user-figures';

serve<TrainingRequest, CatalogColumns, TrainingResult, DataDescription>((request) => {
  const { algorithm, protocol } = request;
  const system = systemNamed(algorithm);
  // Loads while the columns are still being read.
  const engine = system.engine ? engineOf(request) : Promise.resolve('plain TypeScript');
  engine.catch(() => undefined); // reported by `run`, which awaits it
  return {
    async run(columns, hooks) {
      const backend = await engine;
      if (system.task === 'TAGS') {
        const data = tagTrainingDataOf(columns);
        const { users, items, taggings } = data;
        const counts = {
          users: users.size,
          movies: items.size,
          ratings: 0,
          taggings: taggings.tagIndex.length,
        };
        hooks.describe({ datasetHash: taggingsHash(taggings, data), counts, backend });
        return trainExperiment(system, data, request, hooks);
      }
      if (protocol === TAG_PROTOCOL)
        throw new RangeError(`${algorithm} does not support the protocol ${protocol}.`);
      const data = trainingDataOf(columns);
      const { interactions, taggings } = data;
      const counts = {
        users: interactions.users.size,
        movies: interactions.items.size,
        ratings: interactions.itemIndex.length,
        taggings: taggings.tagIndex.length,
      };
      hooks.describe({ datasetHash: datasetHash(data), counts, backend });
      return trainExperiment(system, data, request, hooks);
    },
    transfer: ({ artifact, userFigures }) => [artifact.buffer as ArrayBuffer, ...buffersOf(userFigures)],
  };
});

async function engineOf({ backend }: TrainingRequest): Promise<string> {
  return (await loadEngine({ backend: backend === 'auto' ? undefined : backend })).description;
}
