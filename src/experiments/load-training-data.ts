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
/** Before every id. */
const LOWEST_KEY = -2_147_483_648;

export interface LoadOptions {
  /** Task of the recommender: tag recommenders get taggings only. Default: movies. */
  readonly task?: Task;
  readonly signal?: AbortSignal;
  /** 0 to 1, by ratings read */
  readonly onProgress?: (fraction: number) => void;
}

type Read = <Row>(statement: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** On a server, one snapshot of the catalog. On the embedded database a transaction would make all
 *  other connections wait, so the batches are read one by one, ratings first: a movie or user that
 *  a batch names is in the tables that are read after it.
 *  @throws NoTrainingDataError without any ratings (for tags: taggings), AbortError on the signal,
 *    DatabaseUnavailableError */
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
export async function loadTrainingData(
  database: Database,
  options: LoadOptions = {},
): Promise<TrainingData> {
  return trainingDataOf(await loadCatalogColumns(database, options));
}

async function readAll(read: Read, options: LoadOptions): Promise<CatalogColumns> {
  if (options.task === 'TAGS') return readTaggingsAlone(read, options);
  const [{ count }] = await read<{ count: number }>('select count(*) as count from rating', []);
  if (count === 0)
    throw new NoTrainingDataError(
      'The catalog has no ratings to train on. Load a MovieLens release first: `nearfield seed`.',
    );
  const ratings = await readRatings(read, count, options);
  const taggings = await readTaggings(read, options);
  return { ratings, taggings, movies: await readMovies(read), demographics: await readDemographics(read) };
}

async function readTaggingsAlone(read: Read, options: LoadOptions): Promise<CatalogColumns> {
  const taggings = await readTaggings(read, options);
  if (taggings.userId.length === 0)
    throw new NoTrainingDataError(
      'The catalog has no tags to train on. Load a MovieLens release with tags first: ' +
        '`nearfield seed`.',
    );
  options.onProgress?.(1);
  const ratings = new GrowingTable<CatalogColumns['ratings']>(RATING_COLUMNS, 0).end();
  return { ratings, taggings, movies: { itemId: [], genres: [], year: [] }, demographics: [] };
}

/** A batch: each column packed, big-endian; null where there is no row. */
type PackedColumns = Readonly<Record<string, Buffer | null>>;
type TableColumns<Columns> = {
  readonly [Name in keyof Columns]: readonly [sql: string, type: NumberArrayType];
};

// The key first, in its order: the next batch begins after the last one's.
const RATING_COLUMNS = {
  userId: ['user_id', Int32Array],
  itemId: ['movie_id', Int32Array],
  value: ['value', Float32Array],
  timestamp: ['time', Float64Array],
  ordinal: ['ordinal', Int32Array],
} as const;
const TAGGING_COLUMNS = {
  userId: ['user_id', Int32Array],
  itemId: ['movie_id', Int32Array],
  tagId: ['tag_id', Int32Array],
  timestamp: ['time', Float64Array],
  ordinal: ['ordinal', Int32Array],
} as const;

async function readRatings(
  read: Read,
  expected: number,
  { signal, onProgress }: LoadOptions,
): Promise<CatalogColumns['ratings']> {
  const table = new GrowingTable<CatalogColumns['ratings']>(RATING_COLUMNS, expected);
  const onBatch = () => onProgress?.(Math.min(1, table.length / expected));
  await readBatches(read, 'load-ratings', table, { keys: 2, signal, onBatch });
  return table.end();
}

async function readTaggings(
  read: Read,
  { signal, task }: LoadOptions,
): Promise<CatalogColumns['taggings']> {
  const table = new GrowingTable<CatalogColumns['taggings']>(TAGGING_COLUMNS);
  await readBatches(read, 'load-taggings', table, { keys: 3, signal });
  // Tags of movies without a user are skipped: a tag recommender learns from who tags what.
  const [added] = task === 'TAGS' ? [] : await read<PackedColumns>(sqlFile(SQL, 'load-movie-tags'), []);
  if (added && added.user_id !== null) table.push(added);
  return table.end();
}

/** @param options.keys how many of the first columns are the key that orders the batches */
async function readBatches<Columns extends object>(
  read: Read,
  statement: string,
  table: GrowingTable<Columns>,
  options: {
    readonly keys: number;
    readonly signal?: AbortSignal | undefined;
    readonly onBatch?: () => void;
  },
): Promise<void> {
  for (let after = new Array<number>(options.keys).fill(LOWEST_KEY); ; ) {
    options.signal?.throwIfAborted();
    const [batch] = await read<PackedColumns>(sqlFile(SQL, statement), [...after, RATINGS_A_BATCH]);
    if (batch.user_id === null) return;
    after = lastKey(table.push(batch).slice(0, options.keys));
    options.onBatch?.();
  }
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

async function readById<Row extends { readonly id: number }>(
  read: Read,
  statement: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = LOWEST_KEY; ; after = rows[rows.length - 1].id) {
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
interface NumberArrayType {
  new (length: number): NumberArray;
  new (buffer: ArrayBuffer): NumberArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** Columns that grow together by doubling, filled from PostgreSQL's big-endian values. */
class GrowingTable<Columns extends object> {
  length = 0;
  private readonly names: readonly (keyof Columns)[];
  private readonly columns: NumberArray[];

  constructor(
    private readonly types: TableColumns<Columns>,
    expected = 1024,
  ) {
    this.names = Object.keys(types) as (keyof Columns)[];
    this.columns = this.names.map((name) => new types[name][1](expected));
  }

  /** @param batch turned around in place
   *  @returns the values just added, by column */
  push(batch: PackedColumns): NumberArray[] {
    const added = this.names.map((name) => {
      const [column, Type] = this.types[name];
      const bytes = batch[column]!;
      if (Type.BYTES_PER_ELEMENT === 8) bytes.swap64();
      else bytes.swap32();
      // A copy is aligned; node-postgres returns a slice of a larger buffer.
      return new Type(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      );
    });
    const needed = this.length + added[0].length;
    this.names.forEach((name, c) => {
      if (needed > this.columns[c].length) {
        const larger = new this.types[name][1](Math.max(needed, this.columns[c].length * 2));
        larger.set(this.columns[c].subarray(0, this.length));
        this.columns[c] = larger;
      }
      this.columns[c].set(added[c], this.length);
    });
    this.length = needed;
    return added;
  }

  /** @returns the columns without spare room */
  end(): Columns {
    const whole = this.columns.map((column) =>
      column.length === this.length ? column : column.slice(0, this.length),
    );
    return Object.fromEntries(this.names.map((name, c) => [name, whole[c]])) as Columns;
  }
}
