/** One SQL statement for each relation of the searches of a request. */
import DataLoader from 'dataloader';
import type { RequestContext } from '../../request/context';
import type { Experiment } from '../experiment.entity';
import type { HyperparameterSearch } from './hyperparameter-search.entity';
import type { SearchService } from './search-service';

export function trainingsOf(
  service: SearchService,
  context: RequestContext,
  searchId: number,
): Promise<Experiment[]> {
  return context
    .loader<number, Experiment[]>('trainingsBySearch', () => {
      return new DataLoader(async (ids) => {
        const trainings = await service.trainingsOf(ids);
        return ids.map((id) => trainings.filter((training) => training.searchId === id));
      });
    })
    .load(searchId);
}

export function searchOf(
  service: SearchService,
  context: RequestContext,
  searchId: number,
): Promise<HyperparameterSearch> {
  return context
    .loader<number, HyperparameterSearch>('searchesById', () => {
      return new DataLoader(async (ids) => {
        const found = new Map((await service.searchesByIds(ids)).map((search) => [search.id, search]));
        return ids.map((id) => found.get(id) ?? new Error(`Search ${id} is gone.`));
      });
    })
    .load(searchId);
}
