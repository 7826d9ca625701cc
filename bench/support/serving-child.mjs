/** A server for serving.mjs, in a process of its own: `live` answers from the recommender over
 *  ml-latest-small in an embedded database, `static` is the same HTTP and Apollo server whose
 *  `recommendations` is one constant answer. The model is an untrained tower of the served shape:
 *  what an answer costs does not depend on where the points lie. With a third argument it is the
 *  trained one of that file (trained-tower.mjs), which has tags besides. */
import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const require = createRequire(import.meta.url);
const dist = (path) => require(`../../dist/${path}.js`);
dist('graphql-production'); // as src/main.ts
const { Authenticator } = dist('access/authenticator');
const { KeyRing } = dist('access/keys');
const { createLogger } = dist('logger');
const { buildNearfieldSchema, containerOf } = dist('graphql/schema');
const { startServer } = dist('http/server');
const { readConfig } = dist('config');
const { NeighbourResolver } = dist('recommendations/neighbour.resolver');
const { RecommendationResolver } = dist('recommendations/recommendation.resolver');
const { ServerInfoResolver } = dist('recommendations/server-info.resolver');

const [, , kind, dimensions = '64', modelFile] = process.argv;
const d = Number(dimensions);
const CLASSES = [RecommendationResolver, NeighbourResolver, ServerInfoResolver];
const stops = [];
/** Makes the service forget what it keeps of its users, their histories excepted, as any change of
 *  the catalog does. */
let forget = async () => undefined;

function readSeed(name) {
  return parse(readFileSync(new URL(`../../seeds/ml-latest-small/${name}.csv`, import.meta.url)), {
    columns: true,
  });
}

async function liveSchema() {
  const { openDatabase } = dist('database/database');
  const { migrate } = dist('database/migrate');
  const { Recommender } = dist('serving/recommender');
  const { readTowerSpace } = dist('models/metric-tower/space');
  const dataDir = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  const database = await openDatabase({ dataDir, poolSize: 4, entities: [], role: 'owner' });
  stops.push(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await migrate(database);
  const movieIds = await load(database);
  const artifact = modelFile ? await trainedModel(database) : untrainedTower(movieIds);
  const recommender = new Recommender({
    database,
    models: { active: async () => ({ activationId: 1, modelId: 1 }), loadArtifact: async () => artifact },
    readSpace: readTowerSpace,
    log: { info: () => undefined, warn: (message) => console.error(message) },
  });
  await recommender.start();
  if (recommender.status().activeModelId === null)
    throw new Error(`The tower is not served: ${recommender.status().modelProblem}`);
  stops.unshift(() => recommender.close());
  forget = () => recommender.tagsChanged(1);
  const facts = { version: 'bench', revision: null, database: database.version, backend: () => null };
  const instances = [
    new RecommendationResolver(recommender),
    new NeighbourResolver(recommender),
    new ServerInfoResolver(recommender, facts),
  ];
  return buildNearfieldSchema(CLASSES, containerOf(instances));
}

async function load(database) {
  const movies = readSeed('movies').map(({ movieId, title, genres }) => ({
    id: Number(movieId),
    title,
    year: Number(/\((\d{4})\)\s*$/.exec(title)?.[1]) || null,
    genres: genres.split('|'),
  }));
  const ratings = readSeed('ratings');
  await database.query(
    `insert into movie (id, title, year, genres)
     select id, title, year, string_to_array(genres, '|') from unnest($1::int[], $2::text[], $3::int[], $4::text[]) as m (id, title, year, genres)`,
    [
      movies.map(({ id }) => id),
      movies.map(({ title }) => title),
      movies.map(({ year }) => year),
      movies.map(({ genres }) => genres.join('|')),
    ],
  );
  await database.query('insert into app_user (id) select distinct id from unnest($1::int[]) as u (id)', [
    ratings.map(({ userId }) => Number(userId)),
  ]);
  await database.query(
    `insert into rating (user_id, movie_id, value, rated_at)
     select u, m, v, to_timestamp(t) from unnest($1::int[], $2::int[], $3::real[], $4::float8[]) as r (u, m, v, t)`,
    ['userId', 'movieId', 'rating', 'timestamp'].map((column) =>
      ratings.map((rating) => Number(rating[column])),
    ),
  );
  return movies.map(({ id }) => id);
}

/** @returns the artifact; its tags are in the database then */
async function trainedModel(database) {
  const { trainedTower } = await import('./trained-tower.mjs');
  const { artifact, dataset } = await trainedTower(modelFile);
  const tags = Array.from(artifact.arrays.tagIds.data, (id) => ({ id, name: dataset.tagNames.get(id) }));
  await database.query(
    'insert into tag (id, name, key) select * from unnest($1::int[], $2::text[], $2::text[]) as t (id, name, key)',
    [tags.map(({ id }) => id), tags.map(({ name }) => name)],
  );
  return artifact;
}

function untrainedTower(movieIds) {
  const { Random } = dist('numeric/random');
  const { featureCount } = dist('models/metric-tower/forward');
  const { RATING_LEVELS } = dist('models/metric-tower/forward');
  const random = new Random(1);
  const normal = (...shape) => ({
    shape,
    data: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => random.normal() / Math.sqrt(d),
    ),
  });
  const hiddenSize = 64;
  return {
    kind: dist('models/metric-tower/space').TWO_TOWER_KIND,
    format: 1,
    settings: {
      embeddingSize: d,
      hiddenSize,
      userHiddenSize: 0,
      window: 200,
      placeGates: 0,
      transitions: 0,
      historyPoints: 'shared',
      growth: 0,
      genreNames: ['Drama'],
      demographicKeys: [],
    },
    arrays: {
      itemIds: { shape: [movieIds.length], data: Int32Array.from(movieIds) },
      itemPoints: normal(movieIds.length, d),
      tagIds: { shape: [0], data: new Int32Array(0) },
      tagPoints: normal(0, d),
      decays: { shape: [3], data: Float32Array.of(1, 0.9, 0.5) },
      gates: normal(3, d),
      historyOffsets: normal(0, d),
      placeGates: normal(0, d),
      transitions: normal(0, d),
      levelWeights: { shape: [RATING_LEVELS], data: new Float32Array(RATING_LEVELS).fill(1) },
      userBias: normal(d),
      demographicPoints: normal(0, d),
      userHiddenWeights: normal(0, 0),
      userHiddenBias: normal(0),
      userOutputWeights: normal(0, d),
      hiddenWeights: normal(featureCount(1) + d, hiddenSize),
      hiddenBias: normal(hiddenSize),
      outputWeights: normal(hiddenSize, d),
      outputBias: normal(d),
      tagGate: { shape: [d], data: new Float32Array(d).fill(0.5) },
    },
  };
}

function staticSchema() {
  const schema = buildNearfieldSchema(CLASSES);
  const answer = Array.from({ length: 10 }, (_, i) => ({
    rank: i + 1,
    distance: 0.8123456239700317 + i / 100,
    source: 'PERSONAL',
    movie: {
      id: i + 1,
      title: `A title of the usual length (${1990 + i})`,
      year: 1990 + i,
      genres: ['Comedy'],
    },
  }));
  const field = schema.getQueryType().getFields().recommendations;
  field.resolve = () => answer;
  return schema;
}

const schema = kind === 'live' ? await liveSchema() : staticSchema();
const environment = { PORT: '0', NODE_ENV: 'production', LOG_LEVEL: 'error' };
const config = readConfig(environment);
const server = await startServer({
  schema,
  config,
  authenticator: new Authenticator({ keys: new KeyRing(), openToKeyless: true }),
  logger: createLogger(config),
  readiness: () => ({ ready: true }),
});
process.on('message', async (message) => {
  if (message === 'cpu') process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() });
  if (message === 'forget') {
    await forget();
    process.send('forgotten');
  }
  if (message === 'stop') {
    await server.close();
    for (const stop of stops) await stop();
    process.disconnect();
    process.exit(0);
  }
});
process.send({ url: server.url });
