/** Ratings of every release, read byte by byte into columns. */
import { checkHeader } from './csv';
import { MalformedLineError, quoted } from './errors';
import type { ReleaseFiles } from './files';
import { type IdSet, LARGEST_ID, LATEST_TIME, unixTime, wholeNumber } from './ids';
import { type LineBlock, lineBlocks } from './lines';
import type { RatingBatch } from './release';

export interface RatingFormat {
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

/** The arrays are filled anew for each batch: take what you need before asking for the next one.
 *  @throws MalformedLineError for the first line that is not `user, movie, stars, seconds` of a
 *    known movie */
export async function* readRatings(
  files: ReleaseFiles,
  format: RatingFormat,
  movies: IdSet,
): AsyncGenerator<RatingBatch> {
  const parser = new RatingParser(format, movies);
  for await (const block of lineBlocks(files, format.file)) yield parser.parse(block);
  if (format.header && !parser.headerSeen) checkHeader(format.file, [''], format.header);
}

/**
 *  A hand-written reader, because ratings are nearly all of the rows: 5 million lines took 0.5 s of
 *  CPU, checks and SHA-256 included, against 6.7 s of csv-parse without any (`node
 *  bench/seeding.bench.mjs --readers`, 2 cores, Node 20). The reason for a refusal is found by a
 *  second, slow look at the line.
 */
export class RatingParser {
  headerSeen = false;
  private capacity = 0;
  private userIds = new Int32Array(0);
  private movieIds = new Int32Array(0);
  private values = new Float32Array(0);
  private times = new Float64Array(0);
  private lines = new Int32Array(0);
  private blankLine = 0;

  constructor(
    private readonly format: RatingFormat,
    private readonly movies: IdSet,
  ) {}

  parse({ bytes, firstLine, bytesRead }: LineBlock): RatingBatch {
    this.reserve(Math.ceil(bytes.length / SHORTEST_LINE));
    const { userIds, movieIds, values, times, lines, movies } = this;
    const separator = this.format.separator.charCodeAt(0);
    const double = this.format.separator.length === 2;
    let length = 0;
    let line = firstLine;
    let at = 0;
    if (this.format.header && !this.headerSeen) {
      at = bytes.indexOf(NEWLINE) + 1;
      checkHeader(this.format.file, lineText(bytes, 0).split(','), this.format.header);
      this.headerSeen = true;
      line++;
    }
    for (; at < bytes.length; line++) {
      const start = at;
      let digit = 0;
      let userId = 0;
      for (digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
        userId = userId * 10 + digit;
      let fine =
        at > start && at - start <= 10 && bytes[at++] === separator && (!double || bytes[at++] === separator);
      const movieStart = at;
      let movieId = 0;
      for (digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
        movieId = movieId * 10 + digit;
      fine &&=
        at > movieStart &&
        at - movieStart <= 10 &&
        bytes[at++] === separator &&
        (!double || bytes[at++] === separator);
      let halves = (bytes[at++] - ZERO) * 2;
      if (bytes[at] === POINT) {
        const fraction = bytes[at + 1] - ZERO;
        fine &&= fraction === 0 || fraction === 5;
        if (fraction === 5) halves++;
        at += 2;
      }
      fine &&=
        halves >= 1 && halves <= 10 && bytes[at++] === separator && (!double || bytes[at++] === separator);
      const timeStart = at;
      let time = 0;
      for (digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
        time = time * 10 + digit;
      fine &&= at > timeStart && at - timeStart <= 10 && time <= LATEST_TIME;
      if (bytes[at] === CARRIAGE_RETURN) at++;
      fine &&=
        bytes[at++] === NEWLINE &&
        userId >= 1 &&
        userId <= LARGEST_ID &&
        movies.has(movieId) &&
        this.blankLine === 0;
      if (!fine) {
        at = this.refuseUnlessBlank(bytes, start, line);
        continue;
      }
      userIds[length] = userId;
      movieIds[length] = movieId;
      values[length] = halves / 2;
      times[length] = time;
      lines[length++] = line;
    }
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

  private reserve(rows: number): void {
    if (rows <= this.capacity) return;
    this.capacity = rows;
    this.userIds = new Int32Array(rows);
    this.movieIds = new Int32Array(rows);
    this.values = new Float32Array(rows);
    this.times = new Float64Array(rows);
    this.lines = new Int32Array(rows);
  }

  /** Blank lines are let pass at the end of the file only. @returns where the next line begins */
  private refuseUnlessBlank(bytes: Buffer, start: number, line: number): number {
    const { file, separator } = this.format;
    const text = lineText(bytes, start);
    if (text === '' && (this.blankLine === 0 || line > this.blankLine)) {
      this.blankLine ||= line;
      return bytes.indexOf(NEWLINE, start) + 1;
    }
    if (this.blankLine > 0) throw new MalformedLineError(file, this.blankLine, 'the line is empty.');
    const fields = text.split(separator);
    if (fields.length !== 4)
      throw new MalformedLineError(file, line, `expected 4 fields, found ${fields.length}.`);
    wholeNumber(fields[0], 'the user id', file, line);
    const movieId = wholeNumber(fields[1], 'the movie id', file, line);
    if (!/^(0\.5|[1-4](\.[05])?|5(\.0)?)$/.test(fields[2])) {
      throw new MalformedLineError(
        file,
        line,
        `a rating must be 0.5 to 5 stars in half steps, not ${quoted(fields[2])}.`,
      );
    }
    unixTime(fields[3], file, line);
    if (!this.movies.has(movieId))
      throw new MalformedLineError(file, line, `there is no movie ${movieId} in this release.`);
    throw new MalformedLineError(file, line, `the line cannot be read: ${quoted(text)}.`);
  }
}

/** The line that begins at `start`, without its end. What is not ASCII cannot be right, so any
 *  decoding will do. */
function lineText(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(NEWLINE, start);
  return bytes.toString('latin1', start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end);
}
