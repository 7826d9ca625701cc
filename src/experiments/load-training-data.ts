/** Reads everything that training may see from PostgreSQL, in batches: memory is the columns
 *  themselves and one batch.
 *
 *  A batch comes as one row of packed columns (sql/load-ratings.sql), so reading hardly holds the
 *  event loop of a server. */
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import type { TrainingData } from '../interactions/interaction-log';
import type { Task } from '../models/system';
import { type CatalogColumns, NoTrainingDataError, trainingDataOf } from './catalog-columns';

const SQL = join(__dirname, 'sql');
const RATINGS_A_BATCH = 20_000;
const ROWS_A_BATCH = 5_000;

export interface LoadOptions {
  /** For what: tag recommenders see taggings and nothing else. Movies, if left out. */
  readonly task?: Task;
  readonly signal?: AbortSignal;
  /** 0 to 1, by ratings read */
  readonly onProgress?: (fraction: number) => void;
}

type Read = <Row>(statement: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** On a server, one snapshot of the catalog. On the embedded database a transaction would make all
 *  other connections wait, so the batches are read one by one, ratings first: a movie or user that
 *  a batch names is in the tables that are read after it.
 *  @throws NoTrainingDataError when nobody has rated (for tags: tagged) anything, AbortError on the
 *    signal, DatabaseUnavailableError */
export async function loadCatalogColumns(
  database: Database,
  options: LoadOptions = {},
): Promise<CatalogColumns> {
  if (database.kind === 'embedded')
    return readAll((statement, parameters) => database.query(statement, parameters), options);
  return database.transaction(async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    return readAll(
      async (statement, parameters) => (await client.query(statement, [...parameters])).rows,
      options,
    );
  });
}

/** Read and built on this thread: for commands and benchmarks. The server hands the columns to the
 *  training thread instead.
 *  @throws as loadCatalogColumns */
export async function loadTrainingData(database: Database, options: LoadOptions = {}): Promise<TrainingData> {
  return trainingDataOf(await loadCatalogColumns(database, options));
}

async function readAll(read: Read, options: LoadOptions): Promise<CatalogColumns> {
  if (options.task === 'TAGS') return readTaggingsAlone(read, options);
  const [{ count }] = await read<{ count: number }>('select count(*) as count from rating', []);
  if (count === 0)
    throw new NoTrainingDataError(
      'The catalog has no ratings to learn from. Load a MovieLens release first: `nearfield seed`.',
    );
  const ratings = await readRatings(read, count, options);
  const taggings = await readTaggings(read, options);
  return { ratings, taggings, movies: await readMovies(read), demographics: await readDemographics(read) };
}

async function readTaggingsAlone(read: Read, options: LoadOptions): Promise<CatalogColumns> {
  const taggings = await readTaggings(read, options);
  if (taggings.userId.length === 0)
    throw new NoTrainingDataError(
      'The catalog has no tags to learn from. Load a MovieLens release with tags first: `nearfield seed`.',
    );
  options.onProgress?.(1);
  const [ids, values, times] = [new Int32Array(0), new Float32Array(0), new Float64Array(0)];
  const ratings = { userId: ids, itemId: ids.slice(), value: values, timestamp: times, ordinal: ids.slice() };
  return { ratings, taggings, movies: { itemId: [], genres: [], year: [] }, demographics: [] };
}

interface PackedRatings {
  readonly user_id: Buffer | null;
  readonly movie_id: Buffer;
  readonly value: Buffer;
  readonly time: Buffer;
  readonly ordinal: Buffer;
}

async function readRatings(
  read: Read,
  expected: number,
  { signal, onProgress }: LoadOptions,
): Promise<CatalogColumns['ratings']> {
  const userId = new GrowingColumn(Int32Array, expected);
  const itemId = new GrowingColumn(Int32Array, expected);
  const value = new GrowingColumn(Float32Array, expected);
  const timestamp = new GrowingColumn(Float64Array, expected);
  const ordinal = new GrowingColumn(Int32Array, expected);
  let after = [-2_147_483_648, -2_147_483_648];
  for (;;) {
    signal?.throwIfAborted();
    const [batch] = await read<PackedRatings>(sqlFile(SQL, 'load-ratings'), [...after, RATINGS_A_BATCH]);
    if (batch.user_id === null) break;
    const users = userId.push(batch.user_id);
    const items = itemId.push(batch.movie_id);
    value.push(batch.value);
    timestamp.push(batch.time);
    ordinal.push(batch.ordinal);
    after = lastKey([users, items]);
    onProgress?.(Math.min(1, userId.length / expected));
  }
  return {
    userId: userId.end(),
    itemId: itemId.end(),
    value: value.end(),
    timestamp: timestamp.end(),
    ordinal: ordinal.end(),
  };
}

interface PackedTaggings extends Omit<PackedRatings, 'value'> {
  readonly tag_id: Buffer;
}

async function readTaggings(read: Read, { signal, task }: LoadOptions): Promise<CatalogColumns['taggings']> {
  const userId = new GrowingColumn(Int32Array);
  const itemId = new GrowingColumn(Int32Array);
  const tagId = new GrowingColumn(Int32Array);
  const timestamp = new GrowingColumn(Float64Array);
  const ordinal = new GrowingColumn(Int32Array);
  let after = [-2_147_483_648, -2_147_483_648, -2_147_483_648];
  for (;;) {
    signal?.throwIfAborted();
    const [batch] = await read<PackedTaggings>(sqlFile(SQL, 'load-taggings'), [...after, RATINGS_A_BATCH]);
    if (batch.user_id === null) break;
    const keys = [userId.push(batch.user_id), itemId.push(batch.movie_id), tagId.push(batch.tag_id)];
    timestamp.push(batch.time);
    ordinal.push(batch.ordinal);
    after = lastKey(keys);
  }
  // Tags that movies were added with are nobody's, and a tag recommender learns from who tags what.
  const [added] = task === 'TAGS' ? [] : await read<PackedTaggings>(sqlFile(SQL, 'load-movie-tags'), []);
  if (added && added.user_id !== null) {
    userId.push(added.user_id);
    itemId.push(added.movie_id);
    tagId.push(added.tag_id);
    timestamp.push(added.time);
    ordinal.push(added.ordinal);
  }
  return {
    userId: userId.end(),
    itemId: itemId.end(),
    tagId: tagId.end(),
    timestamp: timestamp.end(),
    ordinal: ordinal.end(),
  };
}

async function readMovies(read: Read): Promise<CatalogColumns['movies']> {
  const rows = await readById<{ id: number; year: number | null; genres: string }>(read, 'load-movies');
  return {
    itemId: rows.map(({ id }) => id),
    year: rows.map(({ year }) => year),
    genres: rows.map(({ genres }) => (genres === '' ? [] : genres.split('|'))),
  };
}

async function readDemographics(read: Read): Promise<CatalogColumns['demographics']> {
  type Row = { id: number; gender: string | null; age: number | null; occupation: string | null };
  const rows = await readById<Row>(read, 'load-demographics');
  return rows.map(({ id, gender, age, occupation }) => ({ userId: id, gender, age, occupation }));
}

async function readById<Row extends { readonly id: number }>(read: Read, statement: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = -2_147_483_648; ; after = rows[rows.length - 1].id) {
    const batch = await read<Row>(sqlFile(SQL, statement), [after, ROWS_A_BATCH]);
    for (const row of batch) rows.push(row);
    if (batch.length < ROWS_A_BATCH) return rows;
  }
}

/** @returns the largest of the rows by their columns in order: where the next batch begins. An
 *    aggregate keeps no order. */
function lastKey(columns: readonly ArrayLike<number>[]): number[] {
  let last = 0;
  for (let row = 1; row < columns[0].length; row++) {
    const deciding = columns.find((column) => column[row] !== column[last]);
    if (deciding && deciding[row] > deciding[last]) last = row;
  }
  return columns.map((column) => column[last]);
}

type NumberArray = Int32Array | Float32Array | Float64Array;
type NumberArrayType<A extends NumberArray> = {
  new (length: number): A;
  new (buffer: ArrayBuffer): A;
  readonly BYTES_PER_ELEMENT: number;
};

/** A typed array that grows by doubling, filled from PostgreSQL's big-endian values. */
class GrowingColumn<A extends NumberArray> {
  length = 0;
  private array: A;

  constructor(
    private readonly type: NumberArrayType<A>,
    expected = 1024,
  ) {
    this.array = new type(expected);
  }

  /** @param bytes packed values, big-endian; turned around in place
   *  @returns the values just added */
  push(bytes: Buffer): A {
    if (this.type.BYTES_PER_ELEMENT === 8) bytes.swap64();
    else bytes.swap32();
    // A copy of its own is aligned; node-postgres gives a slice of a larger buffer.
    const values = new this.type(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    );
    const needed = this.length + values.length;
    if (needed > this.array.length) {
      const larger = new this.type(Math.max(needed, this.array.length * 2));
      larger.set(this.array.subarray(0, this.length));
      this.array = larger;
    }
    this.array.set(values, this.length);
    this.length = needed;
    return values;
  }

  /** @returns the column without spare room */
  end(): A {
    return this.array.length === this.length ? this.array : (this.array.slice(0, this.length) as A);
  }
}
