/** One SQL statement for each relation of a request, however many experiments it lists. */
import DataLoader from 'dataloader';
import type { Task } from '../models/system';
import type { RequestContext } from '../request/context';
import type { ColdStartPoint } from './cold-start-point.entity';
import type { EpochRecord } from './epoch-record.entity';
import type { Experiment } from './experiment.entity';
import type { ExperimentService } from './experiment-service';
import type { Metric } from './metric.entity';
import type { Model } from './model.entity';
import type { ModelStore } from './model-store';

export function metricsOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<Metric[]> {
  const load = (ids: readonly number[]) => service.metricsOf(ids);
  return manyByExperiment('metricsByExperiment', load, context).load(id);
}

export function coldStartOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<ColdStartPoint[]> {
  const load = (ids: readonly number[]) => service.coldStartOf(ids);
  return manyByExperiment('coldStartByExperiment', load, context).load(id);
}

export function epochsOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<EpochRecord[]> {
  const load = (ids: readonly number[]) => service.epochsOf(ids);
  return manyByExperiment('epochsByExperiment', load, context).load(id);
}

export async function modelOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<Model | null> {
  const load = (ids: readonly number[]) => service.modelsOf(ids);
  const [model] = await manyByExperiment('modelsByExperiment', load, context).load(id);
  return model ?? null;
}

export function experimentOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<Experiment> {
  return context
    .loader<number, Experiment>('experimentsById', () => {
      return new DataLoader(async (ids) => {
        const found = new Map(
          (await service.experimentsByIds(ids)).map((experiment) => [experiment.id, experiment]),
        );
        return ids.map((each) => found.get(each) ?? new Error(`Experiment ${each} is gone.`));
      });
    })
    .load(id);
}

export function activeModelId(
  store: ModelStore,
  context: RequestContext,
  task: Task,
): Promise<number | null> {
  return context
    .loader<Task, number | null>('activeModelIds', () => {
      return new DataLoader((tasks) =>
        Promise.all(tasks.map(async (each) => (await store.active(each))?.modelId ?? null)),
      );
    })
    .load(task);
}

function manyByExperiment<Row extends { readonly experimentId: number }>(
  name: string,
  load: (ids: readonly number[]) => Promise<Row[]>,
  context: RequestContext,
): DataLoader<number, Row[]> {
  return context.loader<number, Row[]>(name, () => {
    return new DataLoader(async (ids) => {
      const byId = new Map<number, Row[]>(ids.map((id) => [id, []]));
      for (const row of await load(ids)) byId.get(row.experimentId)?.push(row);
      return ids.map((id) => byId.get(id) ?? []);
    });
  });
}
