/** Interactions without stars: `interactions.csv`, `userId,movieId[,timestamp]`, each user's rows
 *  in the order in which they were made, optionally with the movie and user lists of a release in
 *  the same folder. */
import { quoted } from '../errors';
import { type IdSet, refuse, unixTime, wholeNumber } from '../fields';
import type { ReleaseFiles } from '../files';
import { textLines } from '../lines';
import { readCsvMovies, readCsvTaggings } from './csv';
import { readDatMovies, readDatUsers } from './dat';
import type { DataFormat, MovieRow, RatingBatch } from './format';

const FILE = 'interactions.csv';
const HEADERS: readonly string[] = ['userId,movieId', 'userId,movieId,timestamp'];
const ROWS_A_BATCH = 65_536;

export const interactions: DataFormat = {
  name: 'interactions',
  required: [FILE],
  optional: ['movies.csv', 'links.csv', 'movies.dat', 'users.dat', 'tags.csv'],
  hasStars: false,
  moviesFromRatings: true,
  readMovies,
  readUsers: async (files) => (files.has('users.dat') ? readDatUsers(files) : undefined),
  readRatings,
  taggings: { file: 'tags.csv', read: readCsvTaggings },
};

async function readMovies(files: ReleaseFiles): Promise<MovieRow[]> {
  if (files.has('movies.csv')) return readCsvMovies(files);
  return files.has('movies.dat') ? readDatMovies(files, 'latin1') : [];
}

/** Without the third column the times are unknown (NaN), and the order of the lines is the order of
 *  events.
 *  @throws MalformedLineError naming the line: another header, a field too few or too many, an id
 *    or a time that is none, a time before the same user's previous one */
async function* readRatings(files: ReleaseFiles, movies: IdSet): AsyncGenerator<RatingBatch> {
  const expected = `expected the header ${HEADERS.join(' or ')}`;
  const previousTime = new Map<number, number>();
  let rows: Row[] = [];
  let width = 0;
  for await (const line of textLines(files, FILE, 'utf8')) {
    const fields = line.text.split(',');
    if (width === 0) {
      if (!HEADERS.includes(line.text)) refuse(line, `${expected}, found ${quoted(line.text)}.`);
      width = fields.length;
      continue;
    }
    if (fields.length !== width) refuse(line, `expected ${width} fields, found ${fields.length}.`);
    const userId = wholeNumber(fields[0], 'the user id', line);
    const movieId = wholeNumber(fields[1], 'the movie id', line);
    const time = width === 3 ? unixTime(fields[2], line) : Number.NaN;
    if (time < (previousTime.get(userId) ?? 0))
      refuse(line, `user ${userId}'s rows are not in order of time.`);
    previousTime.set(userId, time);
    movies.add(movieId);
    rows.push({ userId, movieId, time, line: line.line, bytesRead: line.bytesRead });
    if (rows.length < ROWS_A_BATCH) continue;
    yield batchOf(rows);
    rows = [];
  }
  if (width === 0) refuse({ file: FILE, line: 1 }, `${expected}, found an empty file.`);
  if (rows.length > 0) yield batchOf(rows);
}

interface Row {
  readonly userId: number;
  readonly movieId: number;
  readonly time: number;
  readonly line: number;
  readonly bytesRead: number;
}

function batchOf(rows: readonly Row[]): RatingBatch {
  return {
    length: rows.length,
    userIds: Int32Array.from(rows, ({ userId }) => userId),
    movieIds: Int32Array.from(rows, ({ movieId }) => movieId),
    values: new Float32Array(rows.length),
    times: Float64Array.from(rows, ({ time }) => time),
    lines: Int32Array.from(rows, ({ line }) => line),
    bytesRead: rows[rows.length - 1].bytesRead,
  };
}
