/** Small csv files (movies, links, tags, genome tags): RFC 4180 by csv-parse, with the header
 *  checked. */
import { CsvError, parse } from 'csv-parse/sync';
import { MalformedLineError, quoted } from './errors';
import type { ReleaseFiles } from './files';
import { checkUtf8, type LineBlock, lineBlocks } from './lines';

const QUOTE = 34;
const NEWLINE = 10;
/** A quoted field may span lines, but one that spans this much is a quote that was never closed. */
const LONGEST_RECORD = 1 << 16;

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The record's first line. */
  readonly line: number;
}

export interface CsvBatch {
  readonly records: CsvRecord[];
  readonly bytesRead: number;
}

/** @param header the names of the columns, in order
 *  @throws MalformedLineError for another header, another number of fields, quotes out of place, or
 *    bytes that are not UTF-8 */
export async function* csvRecords(
  files: ReleaseFiles,
  name: string,
  header: readonly string[],
): AsyncGenerator<CsvBatch> {
  let headerSeen = false;
  let blank = 0;
  for await (const block of wholeRecords(files, name)) {
    const records: CsvRecord[] = [];
    for (const record of parseBlock(block, name)) {
      if (!headerSeen) {
        headerSeen = true;
        checkHeader(name, record.fields, header);
      } else if (record.fields.length === 1 && record.fields[0] === '') {
        blank ||= record.line;
      } else {
        if (blank > 0) throw new MalformedLineError(name, blank, 'the line is empty.');
        if (record.fields.length !== header.length) {
          throw new MalformedLineError(
            name,
            record.line,
            `expected ${header.length} fields, found ${record.fields.length}.`,
          );
        }
        records.push(record);
      }
    }
    yield { records, bytesRead: block.bytesRead };
  }
  if (!headerSeen)
    throw new MalformedLineError(name, 1, `expected the header ${header.join(',')}, found an empty file.`);
}

/** @param fields of the file's first line
 *  @throws MalformedLineError when they are not the header */
export function checkHeader(name: string, fields: readonly string[], header: readonly string[]): void {
  const found = fields.join(',');
  if (found !== header.join(','))
    throw new MalformedLineError(name, 1, `expected the header ${header.join(',')}, found ${quoted(found)}.`);
}

/** Blocks that end outside of a quoted field: what follows the last such line end is kept for the
 *  next block. */
async function* wholeRecords(files: ReleaseFiles, name: string): AsyncGenerator<LineBlock> {
  let rest: LineBlock | undefined;
  for await (const next of lineBlocks(files, name)) {
    checkUtf8(next, name);
    const block = rest
      ? { ...next, bytes: Buffer.concat([rest.bytes, next.bytes]), firstLine: rest.firstLine }
      : next;
    const { end, lines } = lastRecordEnd(block.bytes);
    rest = undefined;
    if (end > 0) yield { ...block, bytes: block.bytes.subarray(0, end) };
    if (end === block.bytes.length) continue;
    rest = { ...block, bytes: block.bytes.subarray(end), firstLine: block.firstLine + lines };
    if (rest.bytes.length > LONGEST_RECORD)
      throw new MalformedLineError(name, rest.firstLine, 'a quoted field is not closed.');
  }
  if (rest) throw new MalformedLineError(name, rest.firstLine, 'a quoted field is not closed.');
}

/** Doubled quotes come in twos, so a line end behind an even number of quotes ends a record. */
function lastRecordEnd(bytes: Buffer): { end: number; lines: number } {
  let open = false;
  let end = 0;
  let line = 0;
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) open = !open;
    else if (byte === NEWLINE) {
      line++;
      if (!open) {
        end = at + 1;
        lines = line;
      }
    }
  }
  return { end, lines };
}

function* parseBlock(block: LineBlock, name: string): Generator<CsvRecord> {
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parse(block.bytes.toString('utf8'), {
      info: true,
      relax_column_count: true,
      record_delimiter: ['\n', '\r\n'],
    }) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = Number((error as { lines?: number }).lines ?? 1);
    throw new MalformedLineError(name, block.firstLine + lines - 1, 'a quote is out of place.');
  }
  let line = block.firstLine;
  for (const { record, info } of parsed) {
    yield { fields: record, line };
    line = block.firstLine + info.lines;
  }
}
