/** The entities of this folder, for the data source. */
import { Experiment } from './experiment.entity';
import { ColdStartPoint, EpochRecord, Metric } from './metric.entity';
import { Activation, Model } from './model.entity';
import { HyperparameterSearch } from './search/hyperparameter-search.entity';

export const experimentEntities = [
  Experiment,
  EpochRecord,
  Metric,
  ColdStartPoint,
  Model,
  Activation,
  HyperparameterSearch,
] as const;
