/** Seeding on both kinds of database: what is loaded, what is refused, and that nothing is half
 *  done. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/database/database';
import { MalformedLineError, UnreadableReleaseError } from '../src/datasets/errors';
import { type SeedOptions, type SeedSource, seed } from '../src/datasets/seed';
import { DATABASE_KINDS, describeEachDatabase, openTestDatabase } from './support/databases';
import {
  CSV,
  contentsOf,
  type Files,
  HUNDRED_K,
  ONE_M,
  TEN_M,
  writeRelease,
  zipOf,
} from './support/releases';

const folder = mkdtempSync(join(tmpdir(), 'nearfield-seed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let folders = 0;
const release = (files: Files): SeedSource => ({
  from: writeRelease(join(folder, `release-${folders++}`), files),
});
const options: SeedOptions = { downloadDir: join(folder, 'downloads') };

async function withFresh<T>(kind: Database['kind'], work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openTestDatabase(kind);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

describeEachDatabase('MovieLens latest-small', (getDatabase) => {
  it('is loaded whole, and changes nothing the second time', async () => {
    const database = getDatabase();
    const before = await contentsOf(database);
    const result = await seed(database, { dataset: 'latest-small' }, options);
    expect(result).toMatchObject({
      dataset: 'latest-small',
      users: 610,
      movies: 9742,
      ratings: 100_836,
      taggings: 3683,
      genomeScores: 0,
      skipped: 0,
      alreadyThere: false,
    });
    const after = await contentsOf(database);
    expect({
      users: after.app_user.rows,
      movies: after.movie.rows,
      ratings: after.rating.rows,
      taggings: after.tagging.rows,
    }).toEqual({
      users: 610,
      movies: 9742,
      ratings: 100_836,
      taggings: 3683,
    });
    expect(after.constraints).toEqual(before.constraints);
    expect(after.indices).toEqual(before.indices);
    const again = await seed(database, { dataset: 'latest-small' }, options);
    expect(again).toEqual({ ...result, alreadyThere: true, seconds: expect.any(Number) });
    expect(await contentsOf(database)).toEqual(after);
    const [last] = await database.query<{
      title: string;
      year: number;
      rated_at: Date;
      ordinal: number;
      value: number;
    }>(
      `select title, year, rated_at, ordinal, value from rating join movie on movie.id = movie_id where user_id = 610 and movie_id = 170875`,
    );
    expect(last).toEqual({
      title: 'The Fate of the Furious (2017)',
      year: 2017,
      rated_at: new Date(1_493_846_415_000),
      ordinal: 100_837,
      value: 3,
    });
  });
});

describeEachDatabase('a csv release with everything', (getDatabase) => {
  it('fills every table', async () => {
    const database = getDatabase();
    const result = await seed(database, release(CSV), options);
    expect(result).toMatchObject({
      users: 3,
      movies: 4,
      ratings: 4,
      taggings: 3,
      genomeScores: 3,
      skipped: 2,
    });
    expect(
      await database.query('select id, title, year, genres, imdb_id, tmdb_id from movie order by id'),
    ).toEqual([
      {
        id: 1,
        title: 'Toy Story (1995)',
        year: 1995,
        genres: ['Adventure', 'Animation'],
        imdb_id: '0114709',
        tmdb_id: 862,
      },
      {
        id: 2,
        title: 'Misérables, Les (1995)',
        year: 1995,
        genres: ['Drama'],
        imdb_id: '0113828',
        tmdb_id: null,
      },
      {
        id: 7,
        title: '"Great Performances" Cats (1998)',
        year: 1998,
        genres: [],
        imdb_id: '0173714',
        tmdb_id: 22345,
      },
      {
        id: 9,
        title: 'Death Note (2006–2007)',
        year: 2006,
        genres: ['Horror'],
        imdb_id: '0877057',
        tmdb_id: 13916,
      },
    ]);
    expect(await database.query('select id, name, key from tag order by id')).toEqual([
      { id: 1, name: '007', key: '007' },
      { id: 2, name: 'pixar', key: 'pixar' },
      { id: 3, name: 'anime, dark', key: 'anime, dark' },
    ]);
    expect(
      await database.query(
        'select user_id, movie_id, tag_id, tagged_at, ordinal from tagging order by user_id',
      ),
    ).toEqual([
      { user_id: 1, movie_id: 1, tag_id: 2, tagged_at: new Date(1_139_045_764_000), ordinal: 2 },
      { user_id: 4, movie_id: 9, tag_id: 2, tagged_at: new Date(1_139_045_768_000), ordinal: 6 },
      { user_id: 8, movie_id: 9, tag_id: 3, tagged_at: new Date(1_139_045_766_000), ordinal: 4 },
    ]);
    expect(await database.query('select * from rating order by ordinal')).toMatchObject([
      { user_id: 1, movie_id: 1, value: 4, ordinal: 2 },
      { user_id: 1, movie_id: 2, value: 0.5, ordinal: 3 },
      { user_id: 4, movie_id: 1, value: 5, ordinal: 4 },
      { user_id: 4, movie_id: 9, value: 3.5, ordinal: 5 },
    ]);
    expect(
      await database.query(
        'select movie_id, tag_id, relevance from genome_score order by movie_id, tag_id',
      ),
    ).toEqual([
      { movie_id: 1, tag_id: 1, relevance: 0.025 },
      { movie_id: 1, tag_id: 2, relevance: 0.99975 },
      { movie_id: 9, tag_id: 1, relevance: 0.000999999 },
    ]);
  });

  it('lets the next ids follow the largest', async () => {
    const [user] = await getDatabase().query<{ id: number }>(
      'insert into app_user default values returning id',
    );
    const [movie] = await getDatabase().query<{ id: number }>(
      `insert into movie (title) values ('New') returning id`,
    );
    const [tag] = await getDatabase().query<{ id: number }>(
      `insert into tag (name, key) values ('new', 'new') returning id`,
    );
    expect([user.id, movie.id, tag.id]).toEqual([9, 10, 4]);
  });

  it('merges another release: what is there wins', async () => {
    const database = getDatabase();
    await database.query(`update movie set title = 'Renamed (1995)' where id = 1`);
    const result = await seed(
      database,
      release({
        'movies.csv': 'movieId,title,genres\n1,Toy Story (1995),Drama\n300,Quiz Show (1994),Drama\n',
        'ratings.csv': 'userId,movieId,rating,timestamp\n4,1,1.0,1\n4,300,4.5,2\n70,300,2.0,3\n',
        'tags.csv': 'userId,movieId,tag,timestamp\n1,1,PIXAR,5\n70,300,Television,6\n70,300,television,7\n',
        'genome-tags.csv': 'tagId,tag\n5,Television\n6,007\n7,TELEVISION\n',
        'genome-scores.csv': 'movieId,tagId,relevance\n1,6,0.5\n300,5,0.25\n300,7,0.75\n',
      }),
      options,
    );
    expect(result).toMatchObject({
      users: 3,
      movies: 2,
      ratings: 3,
      taggings: 2,
      genomeScores: 2,
      skipped: 1,
      alreadyThere: false,
    });
    expect(await database.query('select id, title from movie where id in (1, 300) order by id')).toEqual([
      { id: 1, title: 'Renamed (1995)' },
      { id: 300, title: 'Quiz Show (1994)' },
    ]);
    expect(await database.query('select value from rating where user_id = 4 order by movie_id')).toEqual([
      { value: 5 },
      { value: 3.5 },
      { value: 4.5 },
    ]);
    expect(await database.query('select id, name from tag where id > 3 order by id')).toEqual([
      { id: 4, name: 'new' },
      { id: 5, name: 'Television' },
    ]);
    expect(
      await database.query('select user_id, tag_id, ordinal from tagging where movie_id = 300'),
    ).toEqual([{ user_id: 70, tag_id: 5, ordinal: 3 }]);
    expect(
      await database.query(
        'select movie_id, tag_id, relevance from genome_score where tag_id in (1, 5) order by 1, 2',
      ),
    ).toEqual([
      { movie_id: 1, tag_id: 1, relevance: 0.025 },
      { movie_id: 9, tag_id: 1, relevance: 0.000999999 },
      { movie_id: 300, tag_id: 5, relevance: 0.25 },
    ]);
  });
});

const REFUSALS: [string, Files, string][] = [
  [
    'a bad line late in the file',
    { 'ratings.csv': `${CSV['ratings.csv']}4,2,3.7,1\n` },
    'ratings.csv, line 6: a rating must be 0.5 to 5 stars in half steps, not "3.7".',
  ],
  [
    'a movie that is not there',
    { 'ratings.csv': `${CSV['ratings.csv']}4,3,3.5,1\n` },
    'ratings.csv, line 6: there is no movie 3 in this release.',
  ],
  [
    'a rating that comes twice',
    { 'ratings.csv': `${CSV['ratings.csv']}1,2,3.5,1\n` },
    'ratings.csv, line 6: duplicate rating of movie 2 by user 1, first in line 3.',
  ],
  [
    'a genome score that comes twice',
    { 'genome-scores.csv': `${CSV['genome-scores.csv']}1,2,0.5\n` },
    'genome-scores.csv, line 5: duplicate score of movie 1 for genome tag 2, first in line 3.',
  ],
  [
    'a tag on an unknown movie',
    { 'tags.csv': 'userId,movieId,tag,timestamp\n1,55,x,1\n' },
    'tags.csv, line 2: there is no movie 55 in this release.',
  ],
];

describe.each([
  ['an empty', undefined],
  ['a full', TEN_M],
])('refusals leave %s database as it was', (_name, before) => {
  describeEachDatabase('on', (getDatabase) => {
    beforeAll(async () => {
      if (before) await seed(getDatabase(), release(before), options);
    });

    it.each(REFUSALS)('%s', async (_case, change, message) => {
      const bad = release({ ...CSV, ...change });
      // A merge moves the sequences first; they have moved before the comparison, then.
      if (before) await expect(seed(getDatabase(), bad, options)).rejects.toThrow(message);
      const contents = await contentsOf(getDatabase());
      await expect(seed(getDatabase(), bad, options)).rejects.toThrow(
        new MalformedLineError(...parse(message)),
      );
      expect(await contentsOf(getDatabase())).toEqual(contents);
    });

    it('what is no release', async () => {
      await expect(seed(getDatabase(), { from: join(folder, 'nowhere') }, options)).rejects.toThrow(
        UnreadableReleaseError,
      );
      await expect(seed(getDatabase(), release({ 'ratings.csv': '' }), options)).rejects.toThrow(
        'movies.csv missing',
      );
      await expect(seed(getDatabase(), release({ 'README.txt': '' }), options)).rejects.toThrow(
        'is not a MovieLens release',
      );
    });
  });
});

describe.each(DATABASE_KINDS)('formats (%s)', (kind) => {
  it.each([
    ['1M', ONE_M, { users: 3, movies: 2, ratings: 3, taggings: 0 }],
    ['10M', TEN_M, { users: 4, movies: 2, ratings: 2, taggings: 2, skipped: 1 }],
    ['100K', HUNDRED_K, { users: 3, movies: 3, ratings: 3, taggings: 0 }],
  ])('loads %s', async (_name, files, counts) => {
    await withFresh(kind, async (database) => {
      expect(await seed(database, release(files), options)).toMatchObject(counts);
      const { rating, app_user: users } = await contentsOf(database);
      expect({ ratings: rating.rows, users: users.rows }).toEqual({
        ratings: counts.ratings,
        users: counts.users,
      });
    });
  });

  it('knows a folder again in its archive', async () => {
    await withFresh(kind, async (database) => {
      const zip = join(folder, `ml-25m-${kind}.zip`);
      writeFileSync(
        zip,
        zipOf(
          Object.fromEntries(Object.entries(CSV).map(([name, content]) => [`ml-25m/${name}`, content])),
        ),
      );
      const first = await seed(database, { from: zip }, options);
      const second = await seed(database, release(CSV), options);
      expect(second).toMatchObject({ alreadyThere: true, sourceHash: first.sourceHash, ratings: 4 });
    });
  });

  it('stops when it is told to, and leaves nothing behind', async () => {
    await withFresh(kind, async (database) => {
      const empty = await contentsOf(database);
      const abort = new AbortController();
      const stages: string[] = [];
      const onProgress = ({ stage }: { stage: string }) => {
        if (stages.at(-1) !== stage) stages.push(stage);
        if (stage === 'Loading tags') abort.abort(new Error('enough'));
      };
      await expect(
        seed(database, { dataset: 'latest-small' }, { ...options, onProgress, signal: abort.signal }),
      ).rejects.toThrow('enough');
      expect(stages).toEqual(['Reading movies', 'Loading movies', 'Loading ratings', 'Loading tags']);
      expect(await contentsOf(database)).toEqual(empty);
    });
  });

  it('lets two at once wait for each other, so that one loads and the other finds it done', async () => {
    await withFresh(kind, async (database) => {
      const results = await Promise.all([
        seed(database, release(CSV), options),
        seed(database, release(CSV), options),
      ]);
      expect(results.map(({ alreadyThere }) => alreadyThere).sort()).toEqual([false, true]);
      expect((await contentsOf(database)).rating.rows).toBe(4);
    });
  });
});

function parse(message: string): [string, number, string] {
  const [, file, line, reason] = /^(.+), line (\d+): (.+)$/.exec(message) as RegExpExecArray;
  return [file, Number(line), reason];
}

const whenServer = DATABASE_KINDS.includes('server') ? it : it.skip;

describe('beside readers, on a server', () => {
  whenServer(
    'merges where a reader holds an empty table, and makes no reader of a full one wait',
    async () => {
      await withFresh('server', async (database) => {
        const reader = await database.pool.connect();
        try {
          await reader.query('begin');
          await reader.query('select from rating');
          // Five seconds of waiting for the reader, who waits for us; then the way that locks
          // nobody out.
          expect(await seed(database, release(CSV), options)).toMatchObject({
            ratings: 4,
            taggings: 3,
            alreadyThere: false,
          });
          expect((await reader.query('select user_id from rating')).rowCount).toBe(4);
          await reader.query('commit');
        } finally {
          reader.release();
        }
        const order: string[] = [];
        let read: Promise<unknown> = Promise.resolve();
        const onProgress = ({ stage }: { stage: string }) => {
          if (stage !== 'Loading tags') return;
          // Not `database.query`: this is called inside the seeder's transaction, which guards
          // against itself.
          read = database.pool
            .query<{ n: number }>('select count(*)::int as n from rating')
            .then(({ rows }) => order.push(`read ${rows[0].n}`));
        };
        await seed(database, { dataset: 'latest-small' }, { ...options, onProgress }).then(() =>
          order.push('seeded'),
        );
        await read;
        expect(order).toEqual(['read 4', 'seeded']);
      });
    },
  );
});
