/** The lines and CSV records of a file, checked to be in the file's encoding before anything else
 *  reads them. Node's readline has neither line limits nor encodings to refuse, and gives no bytes,
 *  which ratings are parsed from. */
import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { quoted } from './errors';
import { type Place, refuse } from './fields';
import type { ReleaseFiles } from './files';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** The longest real line, a tag's, has some 300 bytes. */
const LONGEST_LINE = 1 << 16;

export type Encoding = 'utf8' | 'latin1';

export interface LineBlock {
  /** Whole lines, each with its line feed, the last one of the file too. */
  readonly bytes: Buffer;
  /** Number of the first of them, from 1. */
  readonly firstLine: number;
  /** Bytes of the file up to the end of the block. */
  readonly bytesRead: number;
}

export interface TextLine extends Place {
  readonly text: string;
  readonly bytesRead: number;
}

export interface CsvRecord extends Place {
  readonly fields: readonly string[];
  readonly bytesRead: number;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** Some editors put a byte order mark before UTF-8. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

/** @throws MalformedLineError for a line over 65,536 bytes; UnreadableReleaseError */
export async function* lineBlocks(files: ReleaseFiles, name: string): AsyncGenerator<LineBlock> {
  let rest: Buffer = Buffer.alloc(0);
  let firstLine = 1;
  let bytesRead = 0;
  for await (const bytes of files.blocks(name)) {
    const block = bytesRead === 0 && rest.length === 0 ? withoutMark(bytes) : bytes;
    const end = block.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, block]);
    } else {
      const bytes =
        rest.length === 0 ? block.subarray(0, end) : Buffer.concat([rest, block.subarray(0, end)]);
      rest = Buffer.from(block.subarray(end));
      bytesRead += bytes.length;
      yield { bytes, firstLine, bytesRead };
      firstLine += countLines(bytes);
    }
    if (rest.length > LONGEST_LINE)
      refuse({ file: name, line: firstLine }, `the line has more than ${LONGEST_LINE} bytes.`);
  }
  if (rest.length > 0)
    yield {
      bytes: Buffer.concat([rest, Buffer.from('\n')]),
      firstLine,
      bytesRead: bytesRead + rest.length,
    };
}

/** Blocks of whole lines of UTF-8.
 *  @throws MalformedLineError naming the first line that is not */
async function* utf8Blocks(files: ReleaseFiles, file: string): AsyncGenerator<LineBlock> {
  for await (const block of lineBlocks(files, file)) {
    if (!isUtf8(block.bytes))
      refuse(linesOf(block, file).find(({ bytes }) => !isUtf8(bytes))!, 'the line is not valid UTF-8.');
    yield block;
  }
}

/** The lines of a block without their ends. */
function linesOf({ bytes, firstLine }: LineBlock, file: string): (Place & { bytes: Buffer })[] {
  const lines: (Place & { bytes: Buffer })[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    lines.push({ file, line: firstLine + lines.length, bytes: bytes.subarray(start, last) });
    start = end + 1;
  }
  return lines;
}

/** The lines of a file as text, without line ends; trailing blank ones are skipped.
 *  @throws MalformedLineError for a blank line before others, or one that is not in the encoding */
export async function* textLines(
  files: ReleaseFiles,
  name: string,
  encoding: Encoding,
): AsyncGenerator<TextLine> {
  let blank: Place | undefined;
  for await (const block of encoding === 'utf8' ? utf8Blocks(files, name) : lineBlocks(files, name)) {
    for (const { file, line, bytes } of linesOf(block, name)) {
      if (bytes.length === 0) {
        blank ??= { file, line };
        continue;
      }
      if (blank) refuse(blank, 'the line is empty.');
      yield { text: bytes.toString(encoding), file, line, bytesRead: block.bytesRead };
    }
  }
}

/** The records of a CSV file (RFC 4180) after its header; a record's `line` is its first one.
 *  @param header the names of the columns, in order
 *  @throws MalformedLineError for another header, another number of fields, quotes out of place, or
 *    bytes that are not UTF-8 */
export async function* csvRecords(
  files: ReleaseFiles,
  name: string,
  header: readonly string[],
): AsyncGenerator<CsvRecord> {
  let line = 1; // of the record that is being parsed
  const parser = parse({
    relax_column_count: true,
    record_delimiter: ['\n', '\r\n'],
    max_record_size: LONGEST_LINE,
    on_record: (fields, { lines, bytes }) => {
      const record: CsvRecord = { fields, file: name, line, bytesRead: bytes };
      line = lines + 1;
      return record as never; // csv-parse's types know fields and columns only
    },
  });
  pipeline(Readable.from(bytesOf(utf8Blocks(files, name))), parser, () => undefined);
  let headerSeen = false;
  let blank: Place | undefined;
  try {
    for await (const record of parser as AsyncIterable<CsvRecord>) {
      if (!headerSeen) {
        headerSeen = true;
        checkHeader(name, record.fields, header);
      } else if (record.fields.length === 1 && record.fields[0] === '') {
        blank ??= record;
      } else {
        if (blank) refuse(blank, 'the line is empty.');
        if (record.fields.length !== header.length)
          refuse(record, `expected ${header.length} fields, found ${record.fields.length}.`);
        yield record;
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A record that is too long is a quoted field which runs on to the next quote.
    if (error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE')
      refuse({ file: name, line }, 'unterminated quoted field.');
    refuse({ file: name, line: Number(error.lines) }, 'unexpected quote.');
  }
  if (!headerSeen)
    refuse({ file: name, line: 1 }, `expected the header ${header.join(',')}, found an empty file.`);
}

async function* bytesOf(blocks: AsyncIterable<LineBlock>): AsyncGenerator<Buffer> {
  for await (const { bytes } of blocks) yield bytes;
}

/** @param fields of the file's first line
 *  @throws MalformedLineError when they are not the header */
export function checkHeader(file: string, fields: readonly string[], header: readonly string[]): void {
  const found = fields.join(',');
  if (found !== header.join(','))
    refuse({ file, line: 1 }, `expected the header ${header.join(',')}, found ${quoted(found)}.`);
}
