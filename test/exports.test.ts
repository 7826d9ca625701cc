/** Exports: what was seeded comes out as it went in and is the same data when it is seeded again;
 *  over HTTP with keys and roles. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { GraphQLSchema } from 'graphql';
import { Authenticator } from '../src/access/authenticator';
import { callerFor, KeyRing, keyHash } from '../src/access/keys';
import { seed } from '../src/datasets/seed';
import { ExperimentService } from '../src/experiments/experiment-service';
import { loadTrainingData } from '../src/experiments/load-training-data';
import { ModelStore } from '../src/experiments/model-store';
import { createExperimentResolvers } from '../src/experiments/resolvers';
import { Exporter, RELEASE_FILES } from '../src/exports/exporter';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { datasetHash } from '../src/interactions/dataset-hash';
import { encodeArtifact } from '../src/models/artifact';
import { describeEachDatabase } from './support/databases';
import { ADMIN_KEY, bearer, startTestServer, type TestServer } from './support/graphql-server';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';
import { forgetExperiments, seedTinyCatalog } from './support/tiny-catalog';

const RELEASE = join(__dirname, '..', 'seeds', 'ml-latest-small');

describeEachDatabase('an export', (getDatabase) => {
  let folder: string;
  let exporter: Exporter;
  let server: TestServer;
  let schema: GraphQLSchema;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nearfield-exports-'));
    const database = getDatabase();
    const models = new ModelStore(database);
    const experiments = new ExperimentService(database);
    exporter = new Exporter({ database, models, experiments, readSpace: readHandMade });
    schema = buildNearfieldSchema(createExperimentResolvers(database, experiments, models));
    server = await startTestServer({
      schema,
      exporter,
    });
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const textOf = async (name: string) => {
    let text = '';
    for await (const part of exporter.table(name)) text += part;
    return text;
  };
  const forgetCatalog = () =>
    getDatabase().query('truncate app_user, movie, tag, seeding restart identity cascade');
  const hash = async () => datasetHash(await loadTrainingData(getDatabase()));
  async function seedAgain(name: string): Promise<void> {
    const from = join(folder, name);
    mkdirSync(from);
    for (const file of RELEASE_FILES) writeFileSync(join(from, file), await textOf(file));
    await forgetCatalog();
    await seed(getDatabase(), { from }, { downloadDir: folder });
  }

  it('of a seeded release is that release, and seeded again the same data', async () => {
    await seed(getDatabase(), { dataset: 'latest-small' }, { downloadDir: folder });
    const before = await hash();
    for (const name of ['ratings.csv', 'movies.csv', 'links.csv']) {
      expect(await textOf(name)).toBe(readFileSync(join(RELEASE, name), 'utf8'));
    }
    await seedAgain('again');
    expect(await hash()).toBe(before);
  }, 120_000);

  it('keeps what people write: commas, quotes, line ends, other alphabets, years beside the title', async () => {
    await forgetCatalog();
    const database = getDatabase();
    await database.query(`insert into movie (id, title, year, genres) values
      (1, 'Good, the "Bad", and the Ugly', 1966, '{Western}'), (2, 'Амели (2001)', 2001, '{}'), (3, 'Untold', null, '{Drama,War}')`);
    await database.query('insert into app_user (id) values (1), (2), (50)');
    await database.query(
      `insert into tag (id, name, key) values (1, 'he said "no", twice', 'he said "no", twice'), (2, '=1+1', '=1+1')`,
    );
    await database.query(`insert into rating (user_id, movie_id, value, rated_at) values
      (1, 1, 5, '2001-01-01T00:00:01Z'), (1, 3, 0.5, '2001-01-01T00:00:00Z'), (50, 2, 3, '1996-05-05T05:05:05Z')`);
    await database.query(`insert into tagging (user_id, movie_id, tag_id, tagged_at) values
      (2, 1, 1, '2001-01-01T00:00:00Z'), (2, 1, 2, '2001-01-02T00:00:00Z'), (50, 2, 2, '2001-01-01T00:00:00Z')`);
    expect(await textOf('movies.csv')).toBe(
      'movieId,title,genres\n1,"Good, the ""Bad"", and the Ugly (1966)",Western\n2,Амели (2001),(no genres listed)\n3,Untold,Drama|War\n',
    );
    expect(await textOf('tags.csv')).toContain('2,1,"he said ""no"", twice",978307200\n');
    const before = await hash();
    await seedAgain('hand-made');
    expect(await hash()).toBe(before);
  });

  it('of an empty catalog is headers', async () => {
    await forgetCatalog();
    expect(await Promise.all(RELEASE_FILES.map(textOf))).toEqual([
      'userId,movieId,rating,timestamp\n',
      'userId,movieId,tag,timestamp\n',
      'movieId,title,genres\n',
      'movieId,imdbId,tmdbId\n',
    ]);
  });

  describe('over HTTP', () => {
    const get = (path: string, key?: string) =>
      fetch(`${server.origin}${path}`, key === undefined ? {} : { headers: bearer(key) });

    const errorCode = async (response: Response) => {
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      return errors[0].extensions.code;
    };

    beforeAll(async () => {
      await seedTinyCatalog(getDatabase());
      await forgetExperiments(getDatabase());
      const store = new ModelStore(getDatabase());
      const [{ id: experimentId }] = await getDatabase().query<{ id: number }>(
        `insert into experiment (algorithm, protocol, seed) values ('TWO_TOWER', 'FULL_LAST_ITEM', 1) returning id`,
      );
      const movies = Array.from({ length: 60 }, (_, i) => ({ id: i + 1, x: i, y: 1 }));
      const artifact = encodeArtifact(handMadeArtifact(movies, [{ id: 1, x: 3, y: 4 }]));
      await getDatabase().transaction((client) =>
        store.save(client, { experimentId, algorithm: 'TWO_TOWER', servable: true, artifact }, true),
      );
      await getDatabase().query(
        `insert into metric (experiment_id, protocol, split, name, mean, users) values
         ($1, 'FULL_LAST_ITEM', 'TEST', 'RECALL_AT_20', 0.25, 40), ($1, 'FULL_LAST_ITEM', 'VALIDATION', 'NDCG_AT_20', 0.125, 39)`,
        [experimentId],
      );
    });

    it('gives tables as files', async () => {
      const response = await get('/export/ratings.csv');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="ratings.csv"');
      expect(parse(await response.text(), { columns: true })).toHaveLength(480);
    });

    it('gives experiments with metrics as columns', async () => {
      const rows = parse<Record<string, string>>(
        await (await get('/export/experiments.csv', ADMIN_KEY)).text(),
        { columns: true },
      );
      expect(
        rows.map(({ protocol, split, users, RECALL_AT_20, NDCG_AT_20 }) => [
          protocol,
          split,
          users,
          RECALL_AT_20,
          NDCG_AT_20,
        ]),
      ).toEqual(
        expect.arrayContaining([
          ['FULL_LAST_ITEM', 'TEST', '40', '0.25', ''],
          ['FULL_LAST_ITEM', 'VALIDATION', '39', '', '0.125'],
        ]),
      );
      expect(rows).toHaveLength(2);
    });

    it('gives the points of a model, users on request', async () => {
      const plain = Buffer.from(await (await get('/export/models/1.npz')).arrayBuffer()).toString('latin1');
      expect(plain).toContain(
        "movies.npy\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (60, 2), }",
      );
      expect(plain).not.toContain('users.npy');
      const withUsers = Buffer.from(
        await (await get('/export/models/1.npz?users=true')).arrayBuffer(),
      ).toString('latin1');
      expect(withUsers).toContain(
        "users.npy\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (40, 2), }",
      );
    });

    it('refuses a model of tags, which has no space of movies', async () => {
      const [{ id: experimentId }] = await getDatabase().query<{ id: number }>(
        `insert into experiment (algorithm, protocol, seed) values ('TAG_TOWER', 'TAG_POSTS', 1) returning id`,
      );
      const artifact = encodeArtifact({ kind: 'TAG_TOWER', format: 1, settings: {}, arrays: {} });
      const modelId = await getDatabase().transaction((client) =>
        new ModelStore(getDatabase()).save(
          client,
          { experimentId, algorithm: 'TAG_TOWER', servable: true, artifact },
          false,
        ),
      );
      const response = await get(`/export/models/${modelId}.npz`);
      expect(await errorCode(response)).toBe('MODEL_NOT_SERVABLE');
      expect(response.status).toBeLessThan(500);
    });

    it.each([
      ['/export/secrets.csv', 404, 'NOT_FOUND'],
      ['/export/constructor', 404, 'NOT_FOUND'],
      ['/export/models/99.npz', 404, 'NOT_FOUND'],
      ['/export/models/x.npz', 400, 'BAD_USER_INPUT'],
    ])('answers %s with %s', async (path, status, code) => {
      const response = await get(path);
      expect(response.status).toBe(status);
      expect(await errorCode(response)).toBe(code);
    });

    it('asks for a key and for the role of an analyst', async () => {
      expect((await get('/export/ratings.csv', 'a-key-that-nobody-has')).status).toBe(401);
      const keys = new KeyRing();
      for (const role of ['READER', 'ANALYST'] as const) keys.set(keyHash(role), callerFor(role));
      keys.set(keyHash('USER'), callerFor('USER', 1));
      const authenticator = new Authenticator({ keys, openToKeyless: false });
      const closed = await startTestServer({
        schema,
        exporter,
        authenticator,
      });
      for (const path of ['/export/ratings.csv', '/export/experiments.csv', '/export/models/1.npz']) {
        const statusFor = async (key?: string) =>
          (await fetch(`${closed.origin}${path}`, key ? { headers: bearer(key) } : {})).status;
        expect([
          await statusFor(),
          await statusFor('READER'),
          await statusFor('USER'),
          await statusFor('ANALYST'),
        ]).toEqual([401, 403, 403, 200]);
      }
      await closed.close();
    });
  });
});
