/** Many rows into one table: COPY in binary on a server, `insert … select from unnest(…)` on the
 *  embedded PostgreSQL. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyEncoder } from './copy-binary';
import type { Database } from './database';

export type ColumnType = 'integer' | 'smallint' | 'real' | 'text' | 'text[]' | 'timestamptz';

export interface Column {
  readonly name: string;
  /** `timestamptz` values are seconds since 1970. */
  readonly type: ColumnType;
}

/** One entry per column; null is SQL's null. Typed arrays for figures, where there are millions. */
export type ColumnValues =
  | Int32Array
  | Float32Array
  | Float64Array
  | readonly (number | string | readonly string[] | null)[];

export interface RowBatch {
  readonly length: number;
  /** In the order of the columns; read before the next batch is asked for. */
  readonly columns: readonly ColumnValues[];
}

export interface BulkLoadOptions {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly batches: AsyncIterable<RowBatch> | Iterable<RowBatch>;
  readonly signal?: AbortSignal | undefined;
}

/** Rows of one `insert`: PGlite keeps a statement's parameters in wasm memory, which never
 *  shrinks. */
const EMBEDDED_ROWS = 10_000;

/** Appends the batches to the table, in the client's transaction.
 *  @returns the number of rows
 *  @throws pg.DatabaseError when a row breaks a constraint; whatever the batches throw; the
 *    signal's reason */
export function bulkLoad(
  client: pg.ClientBase,
  kind: Database['kind'],
  options: BulkLoadOptions,
): Promise<number> {
  return kind === 'server' ? copyRows(client, options) : insertRows(client, options);
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const columnList = (columns: readonly Column[]): string => columns.map(({ name }) => quote(name)).join(', ');

/** The binary format has PostgreSQL parse nothing. */
async function copyRows(
  client: pg.ClientBase,
  { table, columns, batches, signal }: BulkLoadOptions,
): Promise<number> {
  const encoder = new CopyEncoder(columns);
  let rows = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield CopyEncoder.header;
    for await (const batch of batches) {
      signal?.throwIfAborted();
      yield encoder.encode(batch);
      rows += batch.length;
    }
    yield CopyEncoder.trailer;
  }
  const target = client.query(
    copyFrom(`copy ${quote(table)} (${columnList(columns)}) from stdin (format binary)`),
  );
  // One batch ahead: the next one is read and encoded while the server takes this one.
  await pipeline(Readable.from(bytes(), { highWaterMark: 1 }), target);
  return rows;
}

async function insertRows(
  client: pg.ClientBase,
  { table, columns, batches, signal }: BulkLoadOptions,
): Promise<number> {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${PARAMETER_TYPES[type]}`);
  const values = columns.map(({ name, type }) =>
    type === 'text[]' ? `${quote(name)}::text[]` : quote(name),
  );
  const times = columns.map(({ type }, index) =>
    type === 'timestamptz' ? `to_timestamp(${values[index]})` : values[index],
  );
  const sql = `insert into ${quote(table)} (${columnList(columns)})
    select ${times.join(', ')} from unnest(${parameters.join(', ')}) as row (${columnList(columns)})`;
  let rows = 0;
  for await (const batch of batches) {
    for (let start = 0; start < batch.length; start += EMBEDDED_ROWS) {
      signal?.throwIfAborted();
      const end = Math.min(batch.length, start + EMBEDDED_ROWS);
      await client.query(
        sql,
        columns.map((_, index) => arrayText(batch.columns[index], start, end)),
      );
      rows += end - start;
    }
  }
  return rows;
}

/** An array of arrays would be flattened by `unnest`, so `text[]` travels as its own text. */
const PARAMETER_TYPES: Record<ColumnType, string> = {
  integer: 'int[]',
  smallint: 'smallint[]',
  real: 'real[]',
  text: 'text[]',
  'text[]': 'text[]',
  timestamptz: 'float8[]',
};

/** `{1,2,NULL,"a \"b\""}` (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). */
function arrayText(values: ColumnValues, start: number, end: number): string {
  if (ArrayBuffer.isView(values)) return `{${values.subarray(start, end).join(',')}}`;
  return `{${values.slice(start, end).map(elementText).join(',')}}`;
}

function elementText(value: number | string | readonly string[] | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : `{${value.map(elementText).join(',')}}`;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
