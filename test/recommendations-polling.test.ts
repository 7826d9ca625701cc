/** What another process writes is seen within two seconds: ratings, movies, tags, a seeding, a
 *  model. */
import type { Database } from '../src/database/database';
import type { ActiveModel } from '../src/serving/models/model-source';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';

const WITHIN_MS = 2_000;
const MOVIES = [
  { id: 1, x: 0, y: 0 },
  { id: 2, x: 1, y: 0 },
  { id: 3, x: 5, y: 0 },
];

describeEachDatabase('watching the database', (getDatabase) => {
  let database: Database;
  let recommender: Recommender;
  let active: ActiveModel | null = { activationId: 1, modelId: 1 };
  let failing = false;
  const warnings: string[] = [];

  beforeAll(async () => {
    database = getDatabase();
    await database.query(
      "insert into movie (id, title) select id, 'Movie ' || id from generate_series(1, 3) as id",
    );
    await database.query('insert into app_user (id) values (1), (2)');
    recommender = new Recommender({
      database,
      models: {
        active: async () => {
          if (failing) throw new Error('The database is away.');
          return active;
        },
        loadArtifact: async () => handMadeArtifact(MOVIES, []),
      },
      readSpace: readHandMade,
      log: { info: () => undefined, warn: (message) => void warnings.push(message) },
      recountMs: 0,
    });
    await recommender.start();
  });
  afterAll(() => recommender?.close());

  /** Another process: writes rows and their stamps, and tells nobody. */
  async function rateElsewhere(userId: number, movieId: number): Promise<void> {
    await database.transaction(async (client) => {
      await client.query(
        'insert into rating (user_id, movie_id, value, rated_at) values ($1, $2, 5, now())',
        [userId, movieId],
      );
      await client.query('update app_user set history_changed_at = now() where id = $1', [userId]);
    });
  }

  async function within(what: () => Promise<boolean>): Promise<void> {
    const start = Date.now();
    while (!(await what())) {
      if (Date.now() - start > WITHIN_MS) throw new Error(`Not seen within ${WITHIN_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const answer = async (userId: number) => {
    const { source, rows, viewer } = await recommender.recommend({ userId, k: 10 });
    return { source, ids: Array.from(rows, (row) => viewer.state.catalog.movies[row].id) };
  };

  it('a rating, and another one right after it', async () => {
    expect((await answer(1)).source).toBe('POPULAR');
    await rateElsewhere(1, 3);
    await within(async () => JSON.stringify((await answer(1)).ids) === '[2,1]');
    await rateElsewhere(1, 1);
    await within(async () => JSON.stringify((await answer(1)).ids) === '[2]');
    // Recounted: 3 and 1 have a rating each, 2 has none.
    await within(async () => recommender.live.catalog.mostPopular(3, null).join() === '0,2,1');
  });

  it('a rating of a transaction that began long before it was committed', async () => {
    const client = await database.pool.connect();
    try {
      if (database.kind === 'server') {
        await client.query('begin');
        await client.query(
          'insert into rating (user_id, movie_id, value, rated_at) values (2, 1, 5, now())',
        );
        await client.query('update app_user set history_changed_at = now() where id = 2');
        await rateElsewhere(1, 2);
        await within(async () => (await answer(1)).ids.length === 0);
        expect((await answer(2)).source).toBe('POPULAR');
        await client.query('commit');
      } else {
        // Embedded, transactions wait for each other; a stamp from before the last look is the same
        // thing.
        await client.query(
          'insert into rating (user_id, movie_id, value, rated_at) values (2, 1, 5, now())',
        );
        await client.query(
          "update app_user set history_changed_at = now() - interval '2 seconds' where id = 2",
        );
      }
    } finally {
      client.release();
    }
    await within(async () => (await answer(2)).source === 'PERSONAL');
  });

  it('a movie, a tag', async () => {
    await database.query("insert into movie (id, title, changed_at) values (9, 'New', now())");
    await database.query("insert into tag (id, name, key) values (4, 'new', 'new')");
    await within(
      async () => recommender.live.catalog.has('movie', 9) && recommender.live.catalog.has('tag', 4),
    );
  });

  it('a model', async () => {
    active = { activationId: 2, modelId: 2 };
    await within(async () => recommender.status().activeModelId === 2);
  });

  it('what a seeding brought, in rows that carry no stamp', async () => {
    await database.query("insert into movie (id, title) values (20, 'Seeded')");
    await database.query(
      `insert into seeding (dataset, source_hash, users, movies, ratings, taggings, genome_scores) values ('x', 'x', 0, 1, 0, 0, 0)`,
    );
    await within(async () => recommender.live.catalog.has('movie', 20));
  });

  it('goes on after a failure, which it reports once', async () => {
    failing = true;
    await within(async () => warnings.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/The database is away/);
    failing = false;
    active = { activationId: 3, modelId: 3 };
    await within(async () => recommender.status().activeModelId === 3);
  });
});
