/** The tables of this room, for the data source. */
import { EpochRecord } from './epoch-record.entity';
import { Experiment } from './experiment.entity';
import { Metric } from './metric.entity';
import { Activation, Model } from './model.entity';

export const experimentEntities = [Experiment, EpochRecord, Metric, Model, Activation] as const;
