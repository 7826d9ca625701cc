/** The resolvers of this folder. */
import type { Database } from '../database/database';
import { ComparisonResolver } from './comparison/comparison.resolver';
import { ComparisonService } from './comparison/comparison-service';
import { ExperimentResolver } from './experiment.resolver';
import type { ExperimentService } from './experiment-service';
import { ModelResolver } from './model.resolver';
import type { ModelStore } from './model-store';
import { ReportResolver } from './report.resolver';
import { ExperimentSearchResolver, SearchResolver } from './search/search.resolver';
import { SearchService } from './search/search-service';

export function createExperimentResolvers(
  database: Database,
  service: ExperimentService,
  models: ModelStore,
): object[] {
  const searches = new SearchService(database, service);
  return [
    new ExperimentResolver(service, searches),
    new ExperimentSearchResolver(searches, service),
    new SearchResolver(searches),
    new ComparisonResolver(new ComparisonService(database, service)),
    new ReportResolver(service),
    new ModelResolver(models, service),
  ];
}
