/** Loads many rows into one table: by COPY in binary on a server, by `insert … select from
 *  unnest(…)` on the embedded PostgreSQL, which has no COPY FROM STDIN.
 *
 *  The binary format is encoded here, because the server then parses nothing and the packages for
 *  it encode field by field (5 million ratings: 0.55 s of CPU, column by column 0.25 s).
 *  https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format" */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database } from './database';

export type ColumnType = 'integer' | 'smallint' | 'real' | 'text' | 'text[]' | 'timestamptz';

export interface Column {
  readonly name: string;
  /** `timestamptz` values are seconds since 1970. */
  readonly type: ColumnType;
}

/** One entry a row; null is SQL's null. Typed arrays where there are millions of numbers. */
export type ColumnValues =
  | Int32Array
  | Float32Array
  | Float64Array
  | readonly (number | string | readonly string[] | null)[];

export interface RowBatch {
  readonly length: number;
  /** In the order of the columns; may be reused for the next batch. */
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
const columnList = (columns: readonly Column[]): string =>
  columns.map(({ name }) => quote(name)).join(', ');

async function copyRows(
  client: pg.ClientBase,
  { table, columns, batches, signal }: BulkLoadOptions,
): Promise<number> {
  let rows = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield COPY_HEADER;
    for await (const batch of batches) {
      signal?.throwIfAborted();
      yield copyRowsOf(columns, batch);
      rows += batch.length;
    }
    yield COPY_TRAILER;
  }
  const target = client.query(
    copyFrom(`copy ${quote(table)} (${columnList(columns)}) from stdin (format binary)`),
  );
  // One batch ahead: the next one is read and encoded while the server stores this one.
  await pipeline(Readable.from(bytes(), { highWaterMark: 1 }), target);
  return rows;
}

async function insertRows(
  client: pg.ClientBase,
  { table, columns, batches, signal }: BulkLoadOptions,
): Promise<number> {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${PARAMETERS[type].array}`);
  const values = columns.map(({ name, type }) => PARAMETERS[type].value?.(quote(name)) ?? quote(name));
  const sql = `insert into ${quote(table)} (${columnList(columns)})
    select ${values.join(', ')} from unnest(${parameters.join(', ')}) as row (${columnList(columns)})`;
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

/** How `insertRows` passes a column: the parameter's type and what is made of each of its
 *  values. */
const PARAMETERS: Record<ColumnType, { array: string; value?: (name: string) => string }> = {
  integer: { array: 'int[]' },
  smallint: { array: 'smallint[]' },
  real: { array: 'real[]' },
  text: { array: 'text[]' },
  // As text, since `unnest` would flatten an array of arrays.
  'text[]': { array: 'text[]', value: (name) => `${name}::text[]` },
  timestamptz: { array: 'float8[]', value: (name) => `to_timestamp(${name})` },
};

/** `{1,2,NULL,"a \"b\""}` (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). */
function arrayText(values: ColumnValues, start: number, end: number): string {
  if (ArrayBuffer.isView(values)) return `{${values.subarray(start, end).join(',')}}`;
  return `{${values.slice(start, end).map(elementText).join(',')}}`;
}

function elementText(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : `{${value.map(elementText).join(',')}}`;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Bytes of a value of fixed size; 0 where it depends on the value. */
const SIZES: Record<ColumnType, number> = {
  integer: 4,
  smallint: 2,
  real: 4,
  text: 0,
  'text[]': 0,
  timestamptz: 8,
};
/** PostgreSQL counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_SECONDS = 946_684_800;
const TEXT_OID = 25;
const TWO_32 = 2 ** 32;

/** Signature, no flags, no extension. */
const COPY_HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
/** A row of -1 fields. */
const COPY_TRAILER = Buffer.from([0xff, 0xff]);

function copyRowsOf(columns: readonly Column[], batch: RowBatch): Buffer {
  return batch.columns.every((values) => ArrayBuffer.isView(values))
    ? encodeFixed(columns, batch)
    : encodeAny(columns, batch);
}

/** Rows of one size: column by column, each in a loop that writes one type. */
function encodeFixed(columns: readonly Column[], batch: RowBatch): Buffer {
  const stride = 2 + columns.reduce((sum, { type }) => sum + 4 + SIZES[type], 0);
  const buffer = Buffer.allocUnsafe(batch.length * stride);
  const view = viewOf(buffer);
  for (let row = 0; row < batch.length; row++) view.setInt16(row * stride, columns.length);
  let offset = 2;
  for (const [index, { type }] of columns.entries()) {
    fillColumn(view, batch.columns[index] as Float64Array, type, { offset, stride });
    offset += 4 + SIZES[type];
  }
  return buffer;
}

function fillColumn(
  view: DataView,
  values: Float64Array | Int32Array | Float32Array,
  type: ColumnType,
  { offset, stride }: { offset: number; stride: number },
): void {
  const size = SIZES[type];
  for (let row = 0, at = offset; row < values.length; row++, at += stride) {
    view.setInt32(at, size);
    writeNumber(view, at + 4, type, values[row]);
  }
}

function encodeAny(columns: readonly Column[], batch: RowBatch): Buffer {
  const buffer = Buffer.allocUnsafe(sizeOf(columns, batch));
  const output = { buffer, view: viewOf(buffer) };
  let at = 0;
  for (let row = 0; row < batch.length; row++) {
    output.view.setInt16(at, columns.length);
    at += 2;
    for (let index = 0; index < columns.length; index++)
      at = writeField(output, at, columns[index].type, batch.columns[index][row]);
  }
  return buffer;
}

function sizeOf(columns: readonly Column[], batch: RowBatch): number {
  let bytes = batch.length * (2 + 4 * columns.length);
  for (const [index, { type }] of columns.entries()) {
    const values = batch.columns[index];
    if (ArrayBuffer.isView(values)) bytes += SIZES[type] * batch.length;
    else for (let row = 0; row < batch.length; row++) bytes += valueSize(type, values[row]);
  }
  return bytes;
}

/** DataView writes as fast as the buffer's own methods once compiled, and checks ranges once. */
const viewOf = (buffer: Buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.length);

type Value = ColumnValues[number];

function valueSize(type: ColumnType, value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return SIZES[type];
  return arrayHeaderSize(value) + value.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0);
}

/** Dimensions, flags, element type; length and lower bound where there is a dimension. */
const arrayHeaderSize = (values: readonly string[]): number => (values.length === 0 ? 12 : 20);

interface Output {
  readonly buffer: Buffer;
  readonly view: DataView;
}

/** Each writer returns the position after what it wrote. */
function writeField(output: Output, at: number, type: ColumnType, value: Value): number {
  if (typeof value === 'number') {
    output.view.setInt32(at, SIZES[type]);
    writeNumber(output.view, at + 4, type, value);
    return at + 4 + SIZES[type];
  }
  if (typeof value === 'string') return writeText(output, at, value);
  if (value !== null) return writeTextArray(output, at, value);
  output.view.setInt32(at, -1);
  return at + 4;
}

function writeNumber(view: DataView, at: number, type: ColumnType, value: number): void {
  if (type === 'integer') view.setInt32(at, value);
  else if (type === 'timestamptz') writeMicroseconds(view, at, value);
  else if (type === 'real') view.setFloat32(at, value);
  else view.setInt16(at, value);
}

/** As two halves, since a BigInt a row costs more than the rest of the row. */
function writeMicroseconds(view: DataView, at: number, seconds: number): void {
  const microseconds = Math.round((seconds - POSTGRES_EPOCH_SECONDS) * 1e6);
  const high = Math.floor(microseconds / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, microseconds - high * TWO_32);
}

function writeText({ buffer, view }: Output, at: number, text: string): number {
  const bytes = buffer.write(text, at + 4, 'utf8');
  view.setInt32(at, bytes);
  return at + 4 + bytes;
}

function writeTextArray(output: Output, at: number, values: readonly string[]): number {
  const { view } = output;
  const start = at + 4;
  view.setInt32(start, values.length === 0 ? 0 : 1);
  view.setInt32(start + 4, 0);
  view.setInt32(start + 8, TEXT_OID);
  if (values.length > 0) {
    view.setInt32(start + 12, values.length);
    view.setInt32(start + 16, 1);
  }
  let end = start + arrayHeaderSize(values);
  for (const text of values) end = writeText(output, end, text);
  view.setInt32(at, end - start);
  return end;
}
