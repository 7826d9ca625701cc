/** Composition root of the server: config → database → model → server; nothing else wires. */
import './graphql-production';
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ApiKeyResolver } from './access/api-key.resolver';
import { Authenticator } from './access/authenticator';
import { configuredKeys, makeFirstKey } from './access/first-key';
import type { KeyRing } from './access/key-ring';
import { KeyStore } from './access/key-store';
import { TokenVerifier } from './access/tokens';
import { createCatalogResolvers } from './catalog/resolvers';
import { type Config, readConfig } from './config';
import type { Database } from './database/database';
import { isDatasetName } from './datasets/datasets';
import { seed } from './datasets/seed';
import { isForPeople } from './errors';
import { codeRevision } from './experiments/environment';
import { ExperimentService } from './experiments/experiment-service';
import { ModelStore } from './experiments/model-store';
import { createExperimentResolvers } from './experiments/resolvers';
import { RetrainingResolver } from './experiments/retraining/retraining.resolver';
import { RetrainingService } from './experiments/retraining/retraining-service';
import { ExperimentRunner } from './experiments/runner';
import { Exporter } from './exports/exporter';
import { trainFirstModel } from './first-model';
import { RESOLVERS } from './graphql/resolvers';
import { buildNearfieldSchema, containerOf } from './graphql/schema';
import { isLoopback } from './http/doors';
import { type RunningServer, startServer } from './http/server';
import { createLogger } from './logger';
import { readTowerSpace } from './models/metric-tower/space';
import { createRecommendationResolvers } from './recommendations/resolvers';
import { openMigrated } from './services';
import { TagServing } from './serving/models/tag-serving';
import { Recommender } from './serving/recommender';
import { quietNativeLog } from './tensor/engine';
import { createProgress, createStages, type Progress } from './terminal/progress';
import { createTraffic, type Traffic } from './traffic/traffic';
import { TrafficResolver } from './traffic/traffic.resolver';

/** Closed in the opposite order of opening, each even if another one fails. */
class Closers {
  private readonly closers: (() => unknown)[] = [];
  private closed: Promise<void> | undefined;

  add(close: () => unknown): void {
    this.closers.unshift(close);
  }

  close(): Promise<void> {
    this.closed ??= this.run();
    return this.closed;
  }

  private async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

export interface Running {
  readonly url: string;
  /** Requests in flight are answered, a training goes back to the queue, the database is closed. */
  close(): Promise<void>;
}

/** Starts everything and answers requests; the first training, if one is due, goes on behind.
 *  @param progress for people: long steps on their way to the first answer
 *  @throws whatever hinders the start, with all closed again */
export async function serve(config: Config, progress: Progress, signal?: AbortSignal): Promise<Running> {
  const closers = new Closers();
  const logger = createLogger(config);
  try {
    const database = await openWithProgress(config, progress);
    closers.add(() => database.close());
    await seedWhenEmpty(database, config, progress, signal);

    const models = new ModelStore(database);
    const log = {
      info: (message: string) => logger.info(message),
      warn: (message: string) => logger.warn(message),
    };
    const traffic = createTraffic(database, models, { warn: log.warn });
    const tagModels = {
      active: () => models.active('TAGS'),
      loadArtifact: (modelId: number) => models.loadArtifact(modelId),
    };
    const tags = new TagServing({ database, models: tagModels, log });
    const recommender = new Recommender({
      database,
      models,
      readSpace: readTowerSpace,
      router: traffic.router,
      tags,
      log,
    });
    closers.add(() => recommender.close());
    await traffic.router.start();
    closers.add(() => traffic.router.stop());
    const reading = progress.step('Reading the catalog', 1);
    await recommender.start((fraction, what) => reading.update(fraction, what));
    reading.finish();
    models.onActivation = () => recommender.refresh();
    traffic.router.onModels = () => recommender.refresh();

    const runner = new ExperimentRunner(database, models, {
      backend: config.backend,
      log: logger,
      trains: config.trainInProcess,
    });
    const experiments = new ExperimentService(database, { runner });
    const newKey = await makeFirstKey(database, config);
    const keys = configuredKeys(config);
    const tokens = config.jwt && new TokenVerifier(config.jwt, log.warn);
    const keyStore = new KeyStore({
      database,
      ring: keys,
      adminConfigured: config.adminKey !== undefined,
      warn: log.warn,
    });
    closers.add(() => keyStore.stop());
    await keyStore.start();
    const rules = { cron: config.retrainCron, afterRatings: config.retrainAfterRatings || undefined };
    const retraining = new RetrainingService({ database, experiments, rules, log });
    const { server, facts } = await listen(config, logger, database, {
      recommender,
      experiments,
      models,
      traffic,
      retraining,
      keys,
      keyStore,
      tokens,
    });
    closers.add(() => runner.stop());
    closers.add(() => {
      experiments.close(); // whoever waits for a training is told, or the server could not finish its requests
      return server.close();
    });

    await runner.start({ soleOwner: database.kind === 'embedded' });
    await retraining.start();
    closers.add(() => retraining.stop());
    welcome(server.url, database.version, newKey);
    const first = trainFirstModel({
      config,
      database,
      experiments,
      models,
      progress,
      onBackend: (backend) => facts.setBackend(backend),
    });
    first.catch((error: unknown) => logger.warn({ err: error }, 'The first training could not be followed.'));
    return { url: server.url, close: () => closers.close() };
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

async function openWithProgress(config: Config, progress: Progress): Promise<Database> {
  const step = progress.step('Opening the database');
  try {
    return await openMigrated(config, 'owner', (message) => step.update(0, message));
  } finally {
    step.finish();
  }
}

async function seedWhenEmpty(
  database: Database,
  config: Config,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const dataset = config.seedOnStart;
  if (dataset === 'none') return;
  const [{ empty }] = await database.query<{ empty: boolean }>(
    'select not exists (select from movie) as empty',
  );
  if (!empty || !isDatasetName(dataset)) return;
  const stages = createStages(progress);
  try {
    await seed(
      database,
      { dataset },
      {
        downloadDir: join(config.dataDir, 'downloads'),
        onProgress: (update) => stages.show(update),
        ...(signal && { signal }),
      },
    );
  } finally {
    stages.end();
  }
}

interface Parts {
  readonly recommender: Recommender;
  readonly experiments: ExperimentService;
  readonly models: ModelStore;
  readonly traffic: Traffic;
  readonly retraining: RetrainingService;
  readonly keys: KeyRing;
  readonly keyStore: KeyStore;
  readonly tokens: TokenVerifier | undefined;
}

async function listen(config: Config, logger: Logger, database: Database, parts: Parts) {
  const { recommender, experiments, models } = parts;
  let backend: string | null = null;
  const facts = {
    version: (JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string })
      .version,
    revision: codeRevision(),
    database: database.version,
    backend: () => backend,
  };
  const container = containerOf([
    ...createCatalogResolvers(database, recommender),
    ...createExperimentResolvers(database, experiments, models),
    new RetrainingResolver(parts.retraining, experiments),
    new TrafficResolver(parts.traffic.service),
    ...createRecommendationResolvers(recommender, facts),
    new ApiKeyResolver(database, parts.keyStore, config.adminKey !== undefined),
  ]);
  const server: RunningServer = await startServer({
    schema: buildNearfieldSchema(RESOLVERS, container),
    config,
    authenticator: new Authenticator({
      keys: parts.keys,
      tokens: parts.tokens,
      openToKeyless: isLoopback(config.host),
    }),
    logger,
    exporter: new Exporter({ database, models, experiments, readSpace: readTowerSpace }),
    readiness: async () => {
      await database.query('select 1');
      return { ready: true };
    },
  });
  const setBackend = (name: string) => {
    backend = name;
  };
  return { server, facts: { setBackend } };
}

function welcome(url: string, databaseVersion: string, newKey: string | null): void {
  console.log(`\nNearfield answers at ${url} (${databaseVersion}). Open it in a browser to try a query.`);
  if (newKey) {
    console.log(
      'The admin key, shown this once (trainModel, promoteModel and the like ask for it as `Authorization: Bearer KEY`):',
    );
    console.log(`  ${newKey}`);
  }
  console.log('Ctrl-C stops it.\n');
}

/** `nearfield serve` and `npm start`: serves until a stop signal, or ends with the reason why it
 *  cannot. */
export async function main(environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  quietNativeLog(); // of the training thread: C code reads the environment of the process, not the thread's copy
  const stopping = new AbortController();
  let running: Promise<Running> | undefined;
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
