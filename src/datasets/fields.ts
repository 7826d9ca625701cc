/** Checks of single fields, and the set of ids that rows may refer to. */
import { MalformedLineError, quoted } from './errors';

/** PostgreSQL's integer. */
export const LARGEST_ID = 2_147_483_647;
/** 2100-01-01 in seconds: what is later is milliseconds or no time at all. */
export const LATEST_TIME = 4_102_444_800;
/** An entry of PostgreSQL's B-tree holds 2,704 bytes, and the tag's key is in one; lower case can
 *  be longer by half. */
const MOST_TAG_BYTES = 1_600;
const DIGITS = /^\d{1,10}$/;

/** A line of a file, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** @throws MalformedLineError */
export function refuse({ file, line }: Place, reason: string): never {
  throw new MalformedLineError(file, line, reason);
}

/** @param field what the number is, for the message
 *  @throws MalformedLineError unless the text is a whole number from `lowest` to 2,147,483,647 */
export function wholeNumber(text: string, field: string, place: Place, lowest = 1): number {
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= LARGEST_ID) return value;
  return refuse(
    place,
    `${field} must be a whole number from ${lowest} to ${LARGEST_ID}, not ${quoted(text)}.`,
  );
}

/** @throws MalformedLineError unless the text is a time in seconds between 1970 and 2100 */
export function unixTime(text: string, place: Place): number {
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (value <= LATEST_TIME) return value;
  return refuse(place, `the timestamp must be seconds between 1970 and 2100, not ${quoted(text)}.`);
}

/** @throws MalformedLineError for text that PostgreSQL cannot hold */
export function storable(text: string, field: string, place: Place): string {
  return text.includes('\0') ? refuse(place, `${field} contains a NUL character.`) : text;
}

/** @throws MalformedLineError for a tag that the catalog's index cannot hold */
export function storableTag(tag: string, place: Place): string {
  if (tag.length * 3 > MOST_TAG_BYTES && Buffer.byteLength(tag) > MOST_TAG_BYTES)
    refuse(place, `the tag has more than ${MOST_TAG_BYTES} bytes.`);
  return storable(tag, 'the tag', place);
}

/** @throws MalformedLineError for an empty title or one that PostgreSQL cannot hold */
export function titleAndYear(text: string, place: Place): { title: string; year: number | null } {
  if (text.trim() === '') refuse(place, 'the title is empty.');
  const title = storable(text, 'the title', place);
  return { title, year: yearOfTitle(title) };
}

/** MovieLens ends a title with the year in brackets: `(1999)`; for a series its first,
 *  `(2006–2007)`, `(2009– )`. 100K adds a medium or a number, `(1995) (V)`, `(1996/I)`; some titles
 *  have spaces or a second bracket at the end. */
const TRAILING_YEAR = /\((\d{4})(?:\/[IVX]+)?(?:\s*[-–—]\s*(?:\d{4})?)?\s*\)+(?:\s*\((?:V|TV|VG)\))?\s*$/u;

/** @returns the year of release, or null where the title gives none that a film can have (1870 to
 *    2100) */
export function yearOfTitle(title: string): number | null {
  const year = Number(TRAILING_YEAR.exec(title)?.[1] ?? Number.NaN);
  return year >= 1870 && year <= 2100 ? year : null;
}

/** `Action|Comedy` → its parts; `(no genres listed)` and nothing → none.
 *  @throws MalformedLineError for text that PostgreSQL cannot hold */
export function genresOf(text: string, place: Place): string[] {
  if (storable(text, 'the genres', place) === '(no genres listed)') return [];
  return [...new Set(text.split('|').map((genre) => genre.trim()))].filter((genre) => genre !== '');
}

const DENSE_LIMIT = 1 << 24;

/** Ids as a byte each while they are small, as all of MovieLens' are: looked up once a rating. */
export class IdSet {
  private dense = new Uint8Array(1 << 16);
  private readonly sparse = new Set<number>();

  constructor(ids: Iterable<number> = []) {
    for (const id of ids) this.add(id);
  }

  has(id: number): boolean {
    return id < this.dense.length ? this.dense[id] === 1 : this.sparse.has(id);
  }

  add(id: number): void {
    if (id >= DENSE_LIMIT) this.sparse.add(id);
    else {
      if (id >= this.dense.length) this.grow(id + 1);
      this.dense[id] = 1;
    }
  }

  delete(id: number): void {
    if (id < this.dense.length) this.dense[id] = 0;
    else this.sparse.delete(id);
  }

  private grow(length: number): void {
    const dense = new Uint8Array(Math.min(DENSE_LIMIT, Math.max(length, this.dense.length * 2)));
    dense.set(this.dense);
    this.dense = dense;
  }

  /** Ascending. */
  toArray(): Int32Array {
    const ids: number[] = [];
    for (let id = 0; id < this.dense.length; id++) if (this.dense[id] === 1) ids.push(id);
    return Int32Array.from([...ids, ...[...this.sparse].sort((a, b) => a - b)]);
  }
}
