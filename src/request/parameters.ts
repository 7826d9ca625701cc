/** Checks of arguments, each failing with the field's name. */
import { BadUserInputError } from '../errors';

export const LARGEST_PAGE = 100;
export const DEFAULT_PAGE = 20;
const LARGEST_ID = 2_147_483_647;

/** @throws BadUserInputError unless 0 < k ≤ 100 */
export function requireK(k: number, field = 'k'): number {
  if (!Number.isInteger(k) || k < 1 || k > LARGEST_PAGE) {
    throw new BadUserInputError(field, `${field} must be from 1 to ${LARGEST_PAGE}; got ${k}.`);
  }
  return k;
}

/** @param field the argument's path, such as `input.movieId`
 *  @returns a 32-bit id
 *  @throws BadUserInputError on anything but a positive whole number of that size */
export function parseId(field: string, id: string): number {
  const number = /^[0-9]{1,10}$/.test(id) ? Number(id) : 0;
  if (number < 1 || number > LARGEST_ID) {
    throw new BadUserInputError(
      field,
      `${field} must be a whole number from 1 to ${LARGEST_ID}; got ${JSON.stringify(id.slice(0, 40))}.`,
    );
  }
  return number;
}

/** @returns the list; empty when it is left out
 *  @throws BadUserInputError when it is too long */
export function requireAtMost<T>(
  most: number,
  field: string,
  list: readonly T[] | null | undefined,
): readonly T[] {
  if (list && list.length > most)
    throw new BadUserInputError(field, `${field} may have ${most} entries at most; got ${list.length}.`);
  return list ?? [];
}

/** @returns the error of an argument that names what does not exist */
export function unknownId(field: string, entity: string, id: number): BadUserInputError {
  return new BadUserInputError(field, `${field}: there is no ${entity} with id ${id}.`);
}

/** @returns the text without surrounding spaces
 *  @throws BadUserInputError when it is blank, too long, or holds control characters */
export function requireText(field: string, text: string, longest: number): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new BadUserInputError(field, `${field} must not be empty.`);
  if (trimmed.length > longest)
    throw new BadUserInputError(
      field,
      `${field} may have ${longest} characters at most; got ${trimmed.length}.`,
    );
  if (/\p{Cc}/u.test(trimmed) || !trimmed.isWellFormed())
    throw new BadUserInputError(field, `${field} holds characters that are no text.`);
  return trimmed;
}

/** @returns the year, or null when none is given
 *  @throws BadUserInputError outside 1870 to 2100, which the database holds */
export function requireYear(field: string, year: number | null | undefined): number | null {
  if (year === null || year === undefined) return null;
  if (year < 1870 || year > 2100)
    throw new BadUserInputError(field, `${field} must be from 1870 to 2100; got ${year}.`);
  return year;
}

/** @throws BadUserInputError unless the value is 0.5, 1, 1.5, … 5 */
export function requireStars(field: string, value: number): number {
  if (!(value >= 0.5 && value <= 5) || !Number.isInteger(value * 2)) {
    throw new BadUserInputError(field, `${field} must be from 0.5 to 5 in halves; got ${value}.`);
  }
  return value;
}
