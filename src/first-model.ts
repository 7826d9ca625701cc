/** A fresh installation trains by itself: popularity answers until the first model is there. */

import type { Config } from './config';
import type { Database } from './database/database';
import { ShuttingDownError } from './errors';
import type { Experiment } from './experiments/experiment.entity';
import { type ExperimentService, ExperimentWatch } from './experiments/experiment-service';
import type { ModelStore } from './experiments/model-store';
import type { Progress } from './terminal/progress';

export interface FirstModelOptions {
  readonly config: Pick<Config, 'trainOnStart'>;
  readonly database: Database;
  readonly experiments: ExperimentService;
  readonly models: ModelStore;
  readonly progress: Progress;
  /** Told the back end of the latest training. */
  readonly onBackend: (backend: string) => void;
}

/** Asks for a training where there are ratings, no model, and no training that was ever asked for,
 *  and shows how it goes. A training that an earlier process left unfinished is followed, too. */
export async function trainFirstModel(options: FirstModelOptions): Promise<void> {
  const { config, database, experiments, models, onBackend } = options;
  const [latest] = await experiments.find({}, null, { limit: 1, offset: 0 });
  if (latest?.backend) onBackend(latest.backend);
  if (await models.active()) return;
  const open = latest && (latest.status === 'QUEUED' || latest.status === 'RUNNING') ? latest : null;
  if (!open && (latest || !config.trainOnStart)) return;
  const [{ rated }] = await database.query<{ rated: boolean }>('select exists (select from rating) as rated');
  if (!rated) return;
  await follow(open ?? (await experiments.start()), options);
}

async function follow(
  experiment: Experiment,
  { experiments, progress, onBackend }: FirstModelOptions,
): Promise<void> {
  const step = progress.step('Training the first model; popularity answers meanwhile', 100);
  const watch = new ExperimentWatch(experiment.id);
  try {
    while (!watch.over) {
      const {
        progress: fraction,
        stage,
        status,
        error,
        publicationNote,
        backend,
      } = await experiments.next(watch);
      step.update(Math.round(fraction * 100), stage?.toLowerCase() ?? '');
      if (backend) onBackend(backend);
      if (!watch.over) continue;
      step.finish(
        status === 'SUCCEEDED'
          ? (publicationNote ?? 'published')
          : `${status.toLowerCase()}: ${error ?? 'no reason given'}`,
      );
    }
  } catch (failure) {
    step.finish('left unfinished');
    if (!(failure instanceof ShuttingDownError)) throw failure;
  }
}
