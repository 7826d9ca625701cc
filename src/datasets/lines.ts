/** Blocks of bytes → whole lines. Text is checked to be what its encoding allows before anything
 *  else looks at it. */
import { isUtf8 } from 'node:buffer';
import { MalformedLineError } from './errors';
import type { ReleaseFiles } from './files';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** The longest real line, a tag's, has some 300 bytes. What has no line end within this is no
 *  release. */
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

export interface TextLine {
  readonly text: string;
  readonly line: number;
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
      throw new MalformedLineError(name, firstLine, `the line has more than ${LONGEST_LINE} bytes.`);
  }
  if (rest.length > 0)
    yield { bytes: Buffer.concat([rest, Buffer.from('\n')]), firstLine, bytesRead: bytesRead + rest.length };
}

/** @throws MalformedLineError naming the first line that is not UTF-8 */
export function checkUtf8(block: LineBlock, name: string): void {
  if (isUtf8(block.bytes)) return;
  let line = block.firstLine;
  let start = 0;
  for (let end = block.bytes.indexOf(NEWLINE); end !== -1; end = block.bytes.indexOf(NEWLINE, start)) {
    if (!isUtf8(block.bytes.subarray(start, end)))
      throw new MalformedLineError(name, line, 'the line is not UTF-8.');
    start = end + 1;
    line++;
  }
}

/** Lines of a small file as text, without line ends; blank ones at its end are left out.
 *  @throws MalformedLineError for a blank line before others, or one that is not in the encoding */
export async function* textLines(
  files: ReleaseFiles,
  name: string,
  encoding: Encoding,
): AsyncGenerator<TextLine[] & { bytesRead?: number }> {
  let blank = 0;
  for await (const block of lineBlocks(files, name)) {
    if (encoding === 'utf8') checkUtf8(block, name);
    const lines: TextLine[] & { bytesRead?: number } = [];
    let line = block.firstLine;
    let start = 0;
    for (
      let end = block.bytes.indexOf(NEWLINE);
      end !== -1;
      end = block.bytes.indexOf(NEWLINE, start), line++
    ) {
      const last = end > start && block.bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
      if (last === start) {
        blank ||= line;
      } else {
        if (blank > 0) throw new MalformedLineError(name, blank, 'the line is empty.');
        lines.push({ text: block.bytes.toString(encoding, start, last), line });
      }
      start = end + 1;
    }
    lines.bytesRead = block.bytesRead;
    yield lines;
  }
}
