/** The catalog as the files of a MovieLens release (ml-latest-small's columns): seeded again, they
 *  are the same data. What that format has no place for is left out: users' demographics, and parts
 *  of a second. */
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { yearOfTitle } from '../datasets/fields';
import { type CsvValue, csvText } from './csv';

const SQL = join(__dirname, 'sql');
/** Some 3,000 ratings a statement. */
const USERS_A_PAGE = 20;
const MOVIES_A_PAGE = 1_000;

export async function* exportRatings(database: Database): AsyncGenerator<string> {
  yield 'userId,movieId,rating,timestamp\n';
  for await (const range of userPages(database)) {
    const [{ lines }] = await database.query<{ lines: string | null }>(sqlFile(SQL, 'ratings'), range);
    if (lines !== null) yield lines;
  }
}

export function exportTags(database: Database): AsyncGenerator<string> {
  return csvText(['userId', 'movieId', 'tag', 'timestamp'], taggings(database));
}

export function exportMovies(database: Database): AsyncGenerator<string> {
  const row = ({ id, title, year, genres }: MovieRow) => [
    id,
    titled(title, year),
    genres === '' ? '(no genres listed)' : genres,
  ];
  return csvText(['movieId', 'title', 'genres'], movies(database, row));
}

export function exportLinks(database: Database): AsyncGenerator<string> {
  return csvText(
    ['movieId', 'imdbId', 'tmdbId'],
    movies(database, ({ id, imdbId, tmdbId }) => [id, imdbId, tmdbId]),
  );
}

async function* userPages(database: Database): AsyncGenerator<[after: number, last: number]> {
  for (let after = 0; ; ) {
    const [{ last }] = await database.query<{ last: number | null }>(sqlFile(SQL, 'user-page'), [
      after,
      USERS_A_PAGE,
    ]);
    if (last === null) return;
    yield [after, last];
    after = last;
  }
}

async function* taggings(database: Database): AsyncGenerator<CsvValue[][]> {
  type Row = { userId: number; movieId: number; tag: string; timestamp: number };
  for await (const range of userPages(database)) {
    const rows = await database.query<Row>(sqlFile(SQL, 'taggings'), range);
    yield rows.map(({ userId, movieId, tag, timestamp }) => [userId, movieId, tag, timestamp]);
  }
}

interface MovieRow {
  readonly id: number;
  readonly title: string;
  readonly year: number | null;
  readonly genres: string;
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
}

async function* movies(
  database: Database,
  columns: (movie: MovieRow) => CsvValue[],
): AsyncGenerator<CsvValue[][]> {
  for (let after = 0; ; ) {
    const rows = await database.query<MovieRow>(sqlFile(SQL, 'movies'), [after, MOVIES_A_PAGE]);
    yield rows.map(columns);
    if (rows.length < MOVIES_A_PAGE) return;
    after = rows[rows.length - 1].id;
  }
}

/** A release says the year in the title only. */
function titled(title: string, year: number | null): string {
  return year === null || yearOfTitle(title) === year ? title : `${title} (${year})`;
}
