/** Lines `user, movie, stars, seconds` of every release, read byte by byte into columns. */
import { quoted } from './errors';
import { type IdSet, LARGEST_ID, LATEST_TIME, type Place, refuse, unixTime, wholeNumber } from './fields';
import type { ReleaseFiles } from './files';
import type { RatingBatch } from './formats/format';
import { checkHeader, type LineBlock, lineBlocks } from './lines';

export interface RatingLines {
  readonly file: string;
  readonly separator: ',' | '::' | '\t';
  readonly header?: readonly string[];
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const ZERO = 48;
const POINT = 46;
/** `1,1,1,1` and its line end. */
const SHORTEST_LINE = 8;

/** The arrays are reused for each batch: copy what you need before requesting the next one.
 *  @throws MalformedLineError for the first line that is not `user, movie, stars, seconds` of a
 *    known movie */
export async function* readRatingLines(
  files: ReleaseFiles,
  format: RatingLines,
  movies: IdSet,
): AsyncGenerator<RatingBatch> {
  const parser = new RatingParser(format, movies);
  for await (const block of lineBlocks(files, format.file)) yield parser.parse(block);
  if (format.header && !parser.headerSeen) checkHeader(format.file, [''], format.header);
}

/** A hand-written reader, because ratings are nearly all of the rows: 5 million lines took 0.5 s of
 *  CPU, checks and SHA-256 included, against 6.7 s of csv-parse without any (`node
 *  bench/seeding.mjs --readers`, 2 cores, Node 20). The reason for a refusal is found by a second,
 *  slower parse of the line. */
class RatingParser {
  headerSeen = false;
  private blankLine = 0;
  private bytes: Buffer = Buffer.alloc(0);
  /** Position in `bytes`, which the readers of fields advance. */
  private at = 0;
  private length = 0;
  private columns = columnsOf(0);
  private readonly separator: number;
  private readonly isDouble: boolean;

  constructor(
    private readonly format: RatingLines,
    private readonly movies: IdSet,
  ) {
    this.separator = format.separator.charCodeAt(0);
    this.isDouble = format.separator.length === 2;
  }

  parse({ bytes, firstLine, bytesRead }: LineBlock): RatingBatch {
    const most = Math.ceil(bytes.length / SHORTEST_LINE);
    if (most > this.columns.lines.length) this.columns = columnsOf(most);
    this.bytes = bytes;
    this.at = 0;
    this.length = 0;
    let line = firstLine;
    if (this.format.header && !this.headerSeen) {
      checkHeader(this.format.file, lineText(bytes, 0).split(','), this.format.header);
      this.headerSeen = true;
      this.at = bytes.indexOf(NEWLINE) + 1;
      line++;
    }
    for (; this.at < bytes.length; line++) {
      const start = this.at;
      if (this.readLine(line)) this.length++;
      else this.refuseUnlessBlank(start, line);
    }
    const { length } = this;
    const { userIds, movieIds, values, times, lines } = this.columns;
    return {
      length,
      userIds: userIds.subarray(0, length),
      movieIds: movieIds.subarray(0, length),
      values: values.subarray(0, length),
      times: times.subarray(0, length),
      lines: lines.subarray(0, length),
      bytesRead,
    };
  }

  /** @returns whether the line is a rating, which is then in the columns */
  private readLine(line: number): boolean {
    const userId = this.readNumber();
    if (!(userId >= 1 && userId <= LARGEST_ID && this.skipSeparator())) return false;
    const movieId = this.readNumber();
    if (!(movieId >= 1 && this.movies.has(movieId) && this.skipSeparator())) return false;
    const halves = this.readHalves();
    if (!(halves >= 1 && halves <= 10 && this.skipSeparator())) return false;
    const time = this.readNumber();
    if (!(time >= 0 && time <= LATEST_TIME)) return false;
    if (this.bytes[this.at] === CARRIAGE_RETURN) this.at++;
    if (this.bytes[this.at++] !== NEWLINE || this.blankLine > 0) return false;
    const { columns, length } = this;
    columns.userIds[length] = userId;
    columns.movieIds[length] = movieId;
    columns.values[length] = halves / 2;
    columns.times[length] = time;
    columns.lines[length] = line;
    return true;
  }

  /** @returns -1 unless there are 1 to 10 digits */
  private readNumber(): number {
    const { bytes, at: start } = this;
    let at = start;
    let value = 0;
    for (let digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
      value = value * 10 + digit;
    this.at = at;
    return at > start && at - start <= 10 ? value : -1;
  }

  /** `4`, `4.0` or `3.5` in half stars; -1 for another fraction. */
  private readHalves(): number {
    const { bytes } = this;
    const halves = (bytes[this.at++] - ZERO) * 2;
    if (bytes[this.at] !== POINT) return halves;
    const fraction = bytes[this.at + 1] - ZERO;
    this.at += 2;
    if (fraction === 0) return halves;
    return fraction === 5 ? halves + 1 : -1;
  }

  private skipSeparator(): boolean {
    const { bytes, separator } = this;
    return bytes[this.at++] === separator && (!this.isDouble || bytes[this.at++] === separator);
  }

  /** Passes over a blank line, which only the end of the file may have. */
  private refuseUnlessBlank(start: number, line: number): void {
    const { file, separator } = this.format;
    const text = lineText(this.bytes, start);
    if (text !== '' && this.blankLine === 0)
      explainRefusal(text, text.split(separator), this.movies, { file, line });
    if (text !== '') refuse({ file, line: this.blankLine }, 'the line is empty.');
    this.blankLine ||= line;
    this.at = this.bytes.indexOf(NEWLINE, start) + 1;
  }
}

function columnsOf(length: number) {
  return {
    userIds: new Int32Array(length),
    movieIds: new Int32Array(length),
    values: new Float32Array(length),
    times: new Float64Array(length),
    lines: new Int32Array(length),
  };
}

function explainRefusal(text: string, fields: readonly string[], movies: IdSet, place: Place): never {
  if (fields.length !== 4) refuse(place, `expected 4 fields, found ${fields.length}.`);
  wholeNumber(fields[0], 'the user id', place);
  const movieId = wholeNumber(fields[1], 'the movie id', place);
  if (!/^(0\.5|[1-4](\.[05])?|5(\.0)?)$/.test(fields[2]))
    refuse(place, `a rating must be 0.5 to 5 stars in half steps, not ${quoted(fields[2])}.`);
  unixTime(fields[3], place);
  if (!movies.has(movieId)) refuse(place, `there is no movie ${movieId} in this release.`);
  return refuse(place, `the line cannot be read: ${quoted(text)}.`);
}

/** The line that begins at `start`, without its end. What is not ASCII cannot be right, so any
 *  decoding will do. */
function lineText(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(NEWLINE, start);
  return bytes.toString('latin1', start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end);
}
