/** A server for serving.mjs, in a process of its own: `live` answers from the recommender over
 *  ml-latest-small in an embedded database, `static` is the same HTTP and Apollo server whose
 *  `recommendations` is one constant answer. The model is an untrained tower of the served shape:
 *  what an answer costs does not depend on where the points lie. With a third argument it is the
 *  trained one of that file (trained-tower.mjs), which has tags besides.
 *  @import { Database } from '#dist/database/database.js'
 *  @import { GraphQLObjectType } from 'graphql'
 *  @import { Artifact, NamedArray } from '#dist/models/artifact.js' */
import 'reflect-metadata';
import '#dist/graphql-production.js'; // as src/main.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authenticator } from '#dist/access/authenticator.js';
import { KeyRing } from '#dist/access/keys.js';
import { readConfig } from '#dist/config.js';
import { openDatabase } from '#dist/database/database.js';
import { migrate } from '#dist/database/migrate.js';
import { buildNearfieldSchema, containerOf } from '#dist/graphql/schema.js';
import { startServer } from '#dist/http/server.js';
import { createLogger } from '#dist/logger.js';
import { RATING_LEVELS } from '#dist/models/metric-tower/forward.js';
import { arrayShapes, readTowerSpace, TWO_TOWER_KIND } from '#dist/models/metric-tower/space.js';
import { Random } from '#dist/numeric/random.js';
import { NeighbourResolver } from '#dist/recommendations/neighbour.resolver.js';
import { RecommendationResolver } from '#dist/recommendations/recommendation.resolver.js';
import { ServerInfoResolver } from '#dist/recommendations/server-info.resolver.js';
import { Recommender } from '#dist/serving/recommender.js';
import { readMovies, readSeed } from './seed-files.mjs';

const [, , kind, dimensions = '64', modelFile] = process.argv;
const d = Number(dimensions);
const CLASSES = [RecommendationResolver, NeighbourResolver, ServerInfoResolver];
/** @type {(() => Promise<void>)[]} */
const stops = [];
/** Makes the service forget what it keeps of its users, their histories excepted, as any change of
 *  the catalog does.
 *  @type {() => Promise<unknown>} */
let forget = async () => undefined;

async function liveSchema() {
  const dataDir = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  const database = await openDatabase({ dataDir, poolSize: 4, entities: [], role: 'owner' });
  stops.push(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await migrate(database);
  const movieIds = await load(database);
  const artifact = modelFile ? await trainedModel(database, modelFile) : untrainedTower(movieIds);
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

/** @param {Database} database @returns {Promise<number[]>} ids of the movies */
async function load(database) {
  const movies = readMovies();
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

/** @param {Database} database @param {string} file
 *  @returns the artifact; its tags are in the database then */
async function trainedModel(database, file) {
  const { trainedTower } = await import('./trained-tower.mjs');
  const { artifact, dataset } = await trainedTower(file);
  const tags = Array.from(artifact.arrays.tagIds.data, (id) => ({ id, name: dataset.tagNames.get(id) }));
  await database.query(
    'insert into tag (id, name, key) select * from unnest($1::int[], $2::text[], $2::text[]) as t (id, name, key)',
    [tags.map(({ id }) => id), tags.map(({ name }) => name)],
  );
  return artifact;
}

/** @param {number[]} movieIds @returns {Artifact} */
function untrainedTower(movieIds) {
  const random = new Random(1);
  const settings = {
    embeddingSize: d,
    hiddenSize: 64,
    userHiddenSize: 0,
    window: 200,
    placeGates: 0,
    transitions: 0,
    historyPoints: /** @type {const} */ ('shared'),
    growth: 0,
    genreNames: ['Drama'],
    demographicKeys: [],
  };
  /** @param {number[]} shape @returns {NamedArray} */
  const normal = (shape) => ({
    shape,
    data: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => random.normal() / Math.sqrt(d),
    ),
  });
  const shapes = arrayShapes(settings, { items: movieIds.length, tags: 0, pools: 3 });
  return {
    kind: TWO_TOWER_KIND,
    format: 1,
    settings,
    arrays: {
      ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, normal(shape)])),
      itemIds: { shape: shapes.itemIds, data: Int32Array.from(movieIds) },
      tagIds: { shape: [0], data: new Int32Array(0) },
      decays: { shape: [3], data: Float32Array.of(1, 0.9, 0.5) },
      levelWeights: { shape: [RATING_LEVELS], data: new Float32Array(RATING_LEVELS).fill(1) },
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
  const fields = /** @type {GraphQLObjectType} */ (schema.getQueryType()).getFields();
  fields.recommendations.resolve = () => answer;
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
/** @param {unknown} message */
const tell = (message) => process.send?.(message);
process.on('message', async (message) => {
  if (message === 'cpu') tell({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() });
  if (message === 'forget') {
    await forget();
    tell('forgotten');
  }
  if (message === 'stop') {
    await server.close();
    for (const stop of stops) await stop();
    process.disconnect();
    process.exit(0);
  }
});
tell({ url: server.url });
