/** `nearfield serve` and `npm start`: starts the server, trains the first model, and ends on a stop
 *  signal. */
import './graphql-production';
import 'reflect-metadata';
import { type Application, compose } from './compose';
import { type Config, readConfig } from './config';
import { isForPeople, ShuttingDownError } from './errors';
import type { Experiment } from './experiments/experiment.entity';
import { ExperimentWatch } from './experiments/experiment-service';
import { createLogger } from './logger';
import { quietNativeLog } from './tensor/engine';
import { createProgress, type Progress } from './terminal/progress';

/** Serves until a stop signal, or ends with the reason why it cannot. */
export async function main(environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  quietNativeLog(); // of the training thread: C code reads the environment of the process, not the thread's copy
  const stopping = new AbortController();
  let running: Promise<Application> | undefined;
  const stop = (name: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(1); // a second signal: now
    stopping.abort(new Error(`Stopped by ${name}.`));
    void running
      ?.then((it) => it.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    running = serve(readConfig(environment), createProgress(process.stderr), stopping.signal);
    await running;
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    console.error(isForPeople(error) ? error.message : error);
    process.exit(1);
  }
}

/** The first training, if one is due, runs in the background. */
async function serve(config: Config, progress: Progress, signal: AbortSignal): Promise<Application> {
  const logger = createLogger(config);
  const application = await compose({ config, logger, progress, signal });
  welcome(application);
  trainFirstModel(application, config, progress).catch((error: unknown) =>
    logger.warn({ err: error }, 'The first training could not be followed.'),
  );
  return application;
}

function welcome({ url, database, newAdminKey }: Application): void {
  console.log(
    `\nNearfield is running at ${url} (${database.version}). Open it in a browser to try a query.`,
  );
  if (newAdminKey) {
    console.log(
      'The admin key, shown only once (trainModel, promoteModel and others require it as ' +
        '`Authorization: Bearer KEY`):',
    );
    console.log(`  ${newAdminKey}`);
  }
  console.log('Press Ctrl-C to stop.\n');
}

/** A fresh installation trains automatically and recommends by popularity until then. Queues a
 *  training if there are ratings, no model, and no training yet, and shows its progress. An
 *  unfinished training of an earlier process is followed, too. */
async function trainFirstModel(
  application: Application,
  config: Pick<Config, 'trainOnStart'>,
  progress: Progress,
): Promise<void> {
  const { database, experiments, models, setBackend } = application;
  const [latest] = await experiments.find({}, null, { limit: 1, offset: 0 });
  if (latest?.backend) setBackend(latest.backend);
  if (await models.active()) return;
  const open = latest && (latest.status === 'QUEUED' || latest.status === 'RUNNING') ? latest : null;
  if (!open && (latest || !config.trainOnStart)) return;
  const [{ rated }] = await database.query<{ rated: boolean }>(
    'select exists (select from rating) as rated',
  );
  if (!rated) return;
  await follow(open ?? (await experiments.start()), application, progress);
}

async function follow(
  { id }: Experiment,
  { experiments, setBackend }: Application,
  progress: Progress,
): Promise<void> {
  const step = progress.step('Training the first model; recommending by popularity until then', 100);
  const watch = new ExperimentWatch(id);
  try {
    while (!watch.over) {
      const next = await experiments.next(watch);
      step.update(Math.round(next.progress * 100), next.stage?.toLowerCase() ?? '');
      if (next.backend) setBackend(next.backend);
      if (watch.over) step.finish(outcomeOf(next));
    }
  } catch (failure) {
    step.finish('left unfinished');
    if (!(failure instanceof ShuttingDownError)) throw failure;
  }
}

function outcomeOf({ status, publicationNote, error }: Experiment): string {
  return status === 'SUCCEEDED'
    ? (publicationNote ?? 'published')
    : `${status.toLowerCase()}: ${error ?? 'no reason given'}`;
}
