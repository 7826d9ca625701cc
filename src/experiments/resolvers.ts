/** The resolvers of this room. */
import { ExperimentResolver } from './experiment.resolver';
import { ExperimentMetricsResolver } from './experiment-metrics.resolver';
import type { ExperimentService } from './experiment-service';
import { ModelResolver } from './model.resolver';
import type { ModelStore } from './model-store';

export const EXPERIMENT_RESOLVERS = [ExperimentResolver, ExperimentMetricsResolver, ModelResolver] as const;

/** @returns one instance of each of EXPERIMENT_RESOLVERS */
export function createExperimentResolvers(service: ExperimentService, models: ModelStore): object[] {
  return [new ExperimentResolver(service), new ExperimentMetricsResolver(service), new ModelResolver(models, service)];
}
