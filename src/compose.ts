/** The only wiring of the server: configuration → database → models → resolvers → HTTP. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { getMetadataStorage } from 'type-graphql';
import { ApiKeyResolver } from './access/api-key.resolver';
import { Authenticator } from './access/authenticator';
import { KeyStore } from './access/key-store';
import { configuredKeys, makeFirstKey } from './access/keys';
import { TokenVerifier } from './access/tokens';
import { createCatalogResolvers } from './catalog/resolvers';
import type { Config } from './config';
import type { Database } from './database/database';
import { isDatasetName } from './datasets/datasets';
import { seed } from './datasets/seed';
import { codeRevision } from './experiments/environment';
import { ExperimentService } from './experiments/experiment-service';
import { ModelStore } from './experiments/model-store';
import { createExperimentResolvers } from './experiments/resolvers';
import { RetrainingResolver } from './experiments/retraining/retraining.resolver';
import { RetrainingService } from './experiments/retraining/retraining-service';
import { ExperimentRunner } from './experiments/runner';
import { Exporter } from './exports/exporter';
import { buildNearfieldSchema, containerOf, type ResolverClass } from './graphql/schema';
import { isLoopback } from './http/origin-policy';
import { type RunningServer, startServer } from './http/server';
import { readTowerSpace } from './models/metric-tower/space';
import { openMigrated } from './open-database';
import { createRecommendationResolvers } from './recommendations/resolvers';
import { TagServing } from './serving/models/tag-serving';
import { Recommender } from './serving/recommender';
import { createStages, type Progress } from './terminal/progress';
import { createTraffic, type Traffic } from './traffic/traffic';
import { TrafficResolver } from './traffic/traffic.resolver';

/** Every resolver class; the schema is printed from this list. */
export const RESOLVERS: readonly ResolverClass[] = getMetadataStorage().resolverClasses.map(
  ({ target }) => target as ResolverClass,
);

export interface ComposeOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** For people: long steps on the way to the first answer. */
  readonly progress: Progress;
  /** Ends the seeding of an empty catalog. */
  readonly signal?: AbortSignal | undefined;
}

export interface Application {
  readonly database: Database;
  readonly models: ModelStore;
  readonly experiments: ExperimentService;
  readonly url: string;
  /** In clear, when it was just made: it cannot be had again. */
  readonly newAdminKey: string | null;
  /** For `serverInfo`: the back end of the latest training. */
  setBackend(backend: string): void;
  /** Requests in flight are answered, a training goes back to the queue, the database is closed. */
  close(): Promise<void>;
}

/** Starts everything and answers requests.
 *  @throws whatever hinders the start, with all closed again */
export async function compose(options: ComposeOptions): Promise<Application> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

async function start(options: ComposeOptions, closers: Closers): Promise<Application> {
  const { config, logger } = options;
  const log = {
    info: (message: string) => logger.info(message),
    warn: (message: string) => logger.warn(message),
  };
  const database = await openWithProgress(options);
  closers.add(() => database.close());
  await seedWhenEmpty(database, options);

  const models = new ModelStore(database);
  const traffic = createTraffic(database, models, { warn: log.warn });
  const recommender = await startRecommender({ database, models, traffic, log }, options.progress, closers);

  const { backend, trainInProcess: trains } = config;
  const runner = new ExperimentRunner(database, models, { backend, log: logger, trains });
  const experiments = new ExperimentService(database, { runner });
  const rules = { cron: config.retrainCron, afterRatings: config.retrainAfterRatings || undefined };
  const retraining = new RetrainingService({ database, experiments, rules, log });

  const newAdminKey = await makeFirstKey(database, config);
  const keys = configuredKeys(config);
  const adminConfigured = config.adminKey !== undefined;
  const keyStore = new KeyStore({ database, ring: keys, adminConfigured, warn: log.warn });
  closers.add(() => keyStore.stop());
  await keyStore.start();

  const facts = serverFacts(database);
  const server = await listen(options, { database, models, experiments }, keys, [
    ...createCatalogResolvers(database, recommender),
    ...createExperimentResolvers(database, experiments, models),
    new RetrainingResolver(retraining, experiments),
    new TrafficResolver(traffic.service),
    ...createRecommendationResolvers(recommender, facts),
    new ApiKeyResolver(database, keyStore, adminConfigured),
  ]);
  closers.add(() => runner.stop());
  closers.add(() => {
    experiments.close(); // ends the requests that wait for a training, which would block the shutdown
    return server.close();
  });
  await runner.start({ soleOwner: database.kind === 'embedded' });
  await retraining.start();
  closers.add(() => retraining.stop());
  return {
    database,
    models,
    experiments,
    url: server.url,
    newAdminKey,
    setBackend: facts.setBackend,
    close: () => closers.close(),
  };
}

async function openWithProgress({ config, progress }: ComposeOptions): Promise<Database> {
  const step = progress.step('Opening the database');
  try {
    return await openMigrated(config, 'owner', (message) => step.update(0, message));
  } finally {
    step.finish();
  }
}

async function seedWhenEmpty(
  database: Database,
  { config, progress, signal }: ComposeOptions,
): Promise<void> {
  const dataset = config.seedOnStart;
  if (dataset === 'none') return;
  const [{ empty }] = await database.query<{ empty: boolean }>(
    'select not exists (select from movie) as empty',
  );
  if (!empty || !isDatasetName(dataset)) return;
  const stages = createStages(progress);
  const downloadDir = join(config.dataDir, 'downloads');
  const onProgress: typeof stages.show = (update) => stages.show(update);
  try {
    await seed(database, { dataset }, { downloadDir, onProgress, ...(signal && { signal }) });
  } finally {
    stages.end();
  }
}

interface RecommenderParts {
  readonly database: Database;
  readonly models: ModelStore;
  readonly traffic: Traffic;
  readonly log: { info(message: string): void; warn(message: string): void };
}

async function startRecommender(
  { database, models, traffic: { router }, log }: RecommenderParts,
  progress: Progress,
  closers: Closers,
): Promise<Recommender> {
  const tagModels = {
    active: () => models.active('TAGS'),
    loadArtifact: (modelId: number) => models.loadArtifact(modelId),
  };
  const tags = new TagServing({ database, models: tagModels, log });
  const recommender = new Recommender({ database, models, readSpace: readTowerSpace, router, tags, log });
  closers.add(() => recommender.close());
  await router.start();
  closers.add(() => router.stop());
  const reading = progress.step('Reading the catalog', 1);
  await recommender.start((fraction, what) => reading.update(fraction, what));
  reading.finish();
  models.onActivation = () => recommender.refresh();
  router.onModels = () => recommender.refresh();
  return recommender;
}

function serverFacts(database: Database) {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  let backend: string | null = null;
  return {
    version,
    revision: codeRevision(),
    database: database.version,
    backend: () => backend,
    setBackend: (chosen: string) => {
      backend = chosen;
    },
  };
}

/** @throws Error when a resolver class has no instance; ListenError */
function listen(
  { config, logger }: ComposeOptions,
  { database, models, experiments }: Pick<Application, 'database' | 'models' | 'experiments'>,
  keys: ReturnType<typeof configuredKeys>,
  resolvers: readonly object[],
): Promise<RunningServer> {
  const container = containerOf(resolvers);
  for (const resolverClass of RESOLVERS) container.get(resolverClass);
  const tokens = config.jwt && new TokenVerifier(config.jwt, (message) => logger.warn(message));
  return startServer({
    schema: buildNearfieldSchema(RESOLVERS, container),
    config,
    authenticator: new Authenticator({ keys, tokens, openToKeyless: isLoopback(config.host) }),
    logger,
    exporter: new Exporter({ database, models, experiments, readSpace: readTowerSpace }),
    readiness: async () => {
      await database.query('select 1');
      return { ready: true };
    },
  });
}

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
