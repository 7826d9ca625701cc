/** PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary
 *  Format"). */
import type { Column, ColumnType, ColumnValues, RowBatch } from './bulk-load';

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

export class CopyEncoder {
  /** Signature, no flags, no extension. */
  static readonly header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  /** A row of -1 fields. */
  static readonly trailer = Buffer.from([0xff, 0xff]);

  constructor(private readonly columns: readonly Column[]) {}

  /** @returns the batch's rows, ready to be sent after the header */
  encode(batch: RowBatch): Buffer {
    return batch.columns.every((values) => ArrayBuffer.isView(values))
      ? this.encodeFixed(batch)
      : this.encodeAny(batch);
  }

  /** Rows of one size: column by column, each in a loop that writes one type (5 million ratings:
   *  0.25 s of CPU, field by field 0.55 s). */
  private encodeFixed({ length, columns }: RowBatch): Buffer {
    const stride = 2 + this.columns.reduce((sum, { type }) => sum + 4 + SIZES[type], 0);
    const buffer = Buffer.allocUnsafe(length * stride);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    for (let row = 0; row < length; row++) view.setInt16(row * stride, this.columns.length);
    let offset = 2;
    for (const [index, { type }] of this.columns.entries()) {
      fillColumn(view, columns[index] as Float64Array, type, offset, stride);
      offset += 4 + SIZES[type];
    }
    return buffer;
  }

  private encodeAny(batch: RowBatch): Buffer {
    const buffer = Buffer.allocUnsafe(this.measure(batch));
    // DataView writes as fast as the buffer's own methods do once compiled, and does not check
    // ranges again.
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    let at = 0;
    for (let row = 0; row < batch.length; row++) {
      view.setInt16(at, this.columns.length);
      at += 2;
      for (let index = 0; index < this.columns.length; index++) {
        at = writeField(buffer, view, at, this.columns[index].type, batch.columns[index][row]);
      }
    }
    return buffer;
  }

  private measure({ length, columns }: RowBatch): number {
    let bytes = length * (2 + 4 * columns.length);
    for (const [index, { type }] of this.columns.entries()) {
      if (ArrayBuffer.isView(columns[index])) bytes += SIZES[type] * length;
      else for (let row = 0; row < length; row++) bytes += valueSize(type, columns[index][row]);
    }
    return bytes;
  }
}

function fillColumn(
  view: DataView,
  values: Float64Array | Int32Array | Float32Array,
  type: ColumnType,
  offset: number,
  stride: number,
): void {
  const size = SIZES[type];
  for (let row = 0, at = offset; row < values.length; row++, at += stride) {
    view.setInt32(at, size);
    if (type === 'integer') view.setInt32(at + 4, values[row]);
    else if (type === 'timestamptz') writeMicroseconds(view, at + 4, values[row]);
    else if (type === 'real') view.setFloat32(at + 4, values[row]);
    else view.setInt16(at + 4, values[row]);
  }
}

type Value = ColumnValues[number];

function valueSize(type: ColumnType, value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return SIZES[type];
  return arrayHeaderSize(value) + value.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0);
}

/** Dimensions, flags, element type; length and lower bound where there is a dimension. */
const arrayHeaderSize = (values: readonly string[]): number => (values.length === 0 ? 12 : 20);

function writeField(buffer: Buffer, view: DataView, at: number, type: ColumnType, value: Value): number {
  if (value === null) {
    view.setInt32(at, -1);
    return at + 4;
  }
  if (typeof value === 'number') {
    const size = SIZES[type];
    view.setInt32(at, size);
    if (type === 'integer') view.setInt32(at + 4, value);
    else if (type === 'timestamptz') writeMicroseconds(view, at + 4, value);
    else if (type === 'real') view.setFloat32(at + 4, value);
    else view.setInt16(at + 4, value);
    return at + 4 + size;
  }
  if (typeof value === 'string') return writeText(buffer, view, at, value);
  return writeTextArray(buffer, view, at, value);
}

/** As two halves, since a BigInt per row costs more than the rest of the row. */
function writeMicroseconds(view: DataView, at: number, seconds: number): void {
  const microseconds = Math.round((seconds - POSTGRES_EPOCH_SECONDS) * 1e6);
  const high = Math.floor(microseconds / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, microseconds - high * TWO_32);
}

function writeText(buffer: Buffer, view: DataView, at: number, text: string): number {
  const bytes = buffer.write(text, at + 4, 'utf8');
  view.setInt32(at, bytes);
  return at + 4 + bytes;
}

function writeTextArray(buffer: Buffer, view: DataView, at: number, values: readonly string[]): number {
  const start = at + 4;
  view.setInt32(start, values.length === 0 ? 0 : 1);
  view.setInt32(start + 4, 0);
  view.setInt32(start + 8, TEXT_OID);
  if (values.length > 0) {
    view.setInt32(start + 12, values.length);
    view.setInt32(start + 16, 1);
  }
  let end = start + arrayHeaderSize(values);
  for (const text of values) end = writeText(buffer, view, end, text);
  view.setInt32(at, end - start);
  return end;
}
