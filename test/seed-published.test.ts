/** Real files of 1M and 10M, where they are at hand: they may not be shipped. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seed } from '../src/datasets/seed';
import { describeEachDatabase } from './support/databases';
import { type Files, writeRelease } from './support/releases';

const DATA = join(__dirname, '..', '..', 'shared', 'data');
const PATHS = { oneM: join(DATA, 'ml-1m'), tenM: join(DATA, 'ml-10m-tags') };
const there =
  existsSync(join(PATHS.oneM, 'ratings-first-2998-users.dat.gz')) &&
  existsSync(join(PATHS.tenM, 'tags.dat'));
if (!there)
  console.warn(
    'SKIPPED: the MovieLens 1M and 10M files are not in ../shared/data; their readers are tested on made-up files only.',
  );
const whenThere = there ? it : it.skip;

const folder = mkdtempSync(join(tmpdir(), 'nearfield-published-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const released = (name: keyof typeof PATHS, file: string): Buffer => readFileSync(join(PATHS[name], file));

describeEachDatabase('MovieLens 1M, its first 2,998 users rating', (getDatabase) => {
  whenThere(
    'is loaded with demographics and accents',
    async () => {
      const files: Files = {
        'movies.dat': released('oneM', 'movies.dat'),
        'users.dat': released('oneM', 'users.dat'),
      };
      const path = writeRelease(join(folder, 'ml-1m'), files);
      writeFileSync(
        join(path, 'ratings.dat'),
        gunzipSync(released('oneM', 'ratings-first-2998-users.dat.gz')),
      );
      const database = getDatabase();
      expect(await seed(database, { from: path }, { downloadDir: folder })).toMatchObject({
        dataset: '1m',
        users: 6040,
        movies: 3883,
        ratings: 487_515,
        taggings: 0,
      });
      expect(
        await database.query(
          'select count(*)::int as n, count(distinct user_id)::int as users from rating',
        ),
      ).toEqual([{ n: 487_515, users: 2998 }]);
      expect(
        await database.query('select gender, age, occupation, zip_code from app_user where id = 1'),
      ).toEqual([{ gender: 'F', age: 1, occupation: 'K-12 student', zip_code: '48067' }]);
      expect(await database.query('select title, year from movie where id = 73')).toEqual([
        { title: 'Misérables, Les (1995)', year: 1995 },
      ]);
      expect(
        await database.query('select count(*)::int as n from movie where year is null or genres = $1', [
          [],
        ]),
      ).toEqual([{ n: 0 }]);
    },
    180_000,
  );
});

describeEachDatabase('MovieLens 10M, its tags', (getDatabase) => {
  whenThere(
    'are loaded but for six blank ones',
    async () => {
      const path = writeRelease(join(folder, 'ml-10m'), {
        'movies.dat': released('tenM', 'movies.dat'),
        'tags.dat': released('tenM', 'tags.dat'),
        'ratings.dat': '1::122::5::838985046\n',
      });
      const database = getDatabase();
      expect(await seed(database, { from: path }, { downloadDir: folder })).toMatchObject({
        users: 4010,
        movies: 10_681,
        ratings: 1,
        skipped: 6,
      });
      expect(await database.query('select count(*)::int as n from tagging')).toEqual([{ n: 95_574 }]);
      expect(await database.query('select title from movie where id = 73')).toEqual([
        { title: 'Misérables, Les (1995)' },
      ]);
    },
    180_000,
  );
});
