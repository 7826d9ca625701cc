/** One SQL statement for each relation of a request, however many experiments it lists. */
import DataLoader from 'dataloader';
import type { Task } from '../models/system';
import type { RequestContext } from '../request/context';
import type { Experiment } from './experiment.entity';
import type { ExperimentService } from './experiment-service';
import type { ColdStartPoint, EpochRecord, Metric } from './metric.entity';
import type { Model } from './model.entity';
import type { ModelStore } from './model-store';
import type { HyperparameterSearch } from './search/hyperparameter-search.entity';
import type { SearchService } from './search/search-service';

type Loader<Row> = (service: ExperimentService, context: RequestContext, id: number) => Promise<Row[]>;

export const metricsOf: Loader<Metric> = (service, context, id) =>
  many(context, 'metricsByExperiment', (ids) => service.metricsOf(ids), 'experimentId').load(id);

export const coldStartOf: Loader<ColdStartPoint> = (service, context, id) =>
  many(context, 'coldStartByExperiment', (ids) => service.coldStartOf(ids), 'experimentId').load(id);

export const epochsOf: Loader<EpochRecord> = (service, context, id) =>
  many(context, 'epochsByExperiment', (ids) => service.epochsOf(ids), 'experimentId').load(id);

export const modelsOf: Loader<Model> = (service, context, id) =>
  many(context, 'modelsByExperiment', (ids) => service.modelsOf(ids), 'experimentId').load(id);

export function experimentOf(
  service: ExperimentService,
  context: RequestContext,
  id: number,
): Promise<Experiment> {
  return one(context, 'Experiment', (ids) => service.experimentsByIds(ids)).load(id);
}

export function trainingsOf(
  service: SearchService,
  context: RequestContext,
  searchId: number,
): Promise<Experiment[]> {
  return many(context, 'trainingsBySearch', (ids) => service.trainingsOf(ids), 'searchId').load(searchId);
}

export function searchOf(
  service: SearchService,
  context: RequestContext,
  searchId: number,
): Promise<HyperparameterSearch> {
  return one(context, 'Search', (ids) => service.searchesByIds(ids)).load(searchId);
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

/** @param key the column that names the owner of a row */
function many<Key extends string, Row extends { readonly [K in Key]: number | null }>(
  context: RequestContext,
  name: string,
  load: (ids: readonly number[]) => Promise<Row[]>,
  key: Key,
): DataLoader<number, Row[]> {
  return context.loader<number, Row[]>(name, () => {
    return new DataLoader(async (ids) => {
      const byId = new Map<number | null, Row[]>(ids.map((id) => [id, []]));
      for (const row of await load(ids)) byId.get(row[key])?.push(row);
      return ids.map((id) => byId.get(id) ?? []);
    });
  });
}

function one<Row extends { readonly id: number }>(
  context: RequestContext,
  what: string,
  load: (ids: readonly number[]) => Promise<Row[]>,
): DataLoader<number, Row> {
  return context.loader<number, Row>(`${what}ById`, () => {
    return new DataLoader(async (ids) => {
      const found = new Map((await load(ids)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? new Error(`${what} ${id} was deleted.`));
    });
  });
}
