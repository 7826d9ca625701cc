/** Fields that are figures, and the set of ids that the ratings may name. */
import { MalformedLineError, quoted } from './errors';

/** PostgreSQL's integer. */
export const LARGEST_ID = 2_147_483_647;
/** 2100-01-01 in seconds: what is later is milliseconds or rubbish. */
export const LATEST_TIME = 4_102_444_800;

const DIGITS = /^\d{1,10}$/;

/** @param field what the number is, for the message
 *  @throws MalformedLineError unless the text is a whole number from `lowest` to 2,147,483,647 */
export function wholeNumber(text: string, field: string, file: string, line: number, lowest = 1): number {
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= LARGEST_ID) return value;
  throw new MalformedLineError(
    file,
    line,
    `${field} must be a whole number from ${lowest} to ${LARGEST_ID}, not ${quoted(text)}.`,
  );
}

/** @throws MalformedLineError unless the text is a time in seconds between 1970 and 2100 */
export function unixTime(text: string, file: string, line: number): number {
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (value <= LATEST_TIME) return value;
  throw new MalformedLineError(
    file,
    line,
    `the timestamp must be seconds between 1970 and 2100, not ${quoted(text)}.`,
  );
}

/** @throws MalformedLineError for text that PostgreSQL cannot hold, or that is empty */
export function title(text: string, file: string, line: number): string {
  if (text.trim() === '') throw new MalformedLineError(file, line, 'the title is empty.');
  return storable(text, 'the title', file, line);
}

/** @throws MalformedLineError for text that PostgreSQL cannot hold */
export function storable(text: string, field: string, file: string, line: number): string {
  if (text.includes('\0')) throw new MalformedLineError(file, line, `${field} has a NUL character.`);
  return text;
}

/** `Action|Comedy` → its parts; `(no genres listed)` and nothing → none. */
export function splitGenres(text: string): string[] {
  if (text === '(no genres listed)') return [];
  return [...new Set(text.split('|').map((genre) => genre.trim()))].filter((genre) => genre !== '');
}

const DENSE_LIMIT = 1 << 24;

/** Movie ids as a byte each while they are small, as all of MovieLens' are: asked once a rating. */
export class IdSet {
  private readonly dense: Uint8Array;
  private readonly sparse = new Set<number>();

  constructor(ids: Iterable<number>) {
    let largest = 0;
    const all = [...ids];
    for (const id of all) if (id < DENSE_LIMIT && id > largest) largest = id;
    this.dense = new Uint8Array(largest + 1);
    for (const id of all) {
      if (id <= largest) this.dense[id] = 1;
      else this.sparse.add(id);
    }
  }

  has(id: number): boolean {
    return id < this.dense.length ? this.dense[id] === 1 : this.sparse.has(id);
  }
}
