/** Checks of arguments, each failing with the field's name. */
import { BadUserInputError } from '../errors';

export const LARGEST_PAGE = 100;
export const DEFAULT_PAGE = 20;
const LARGEST_ID = 2_147_483_647;

/** @param field the argument's path, such as `input.movieId`
 *  @param problem such as `must not be empty.` */
export function invalid(field: string, problem: string): BadUserInputError {
  return new BadUserInputError(field, `${field} ${problem}`);
}

/** @returns the error of an argument that names what does not exist */
export function unknownId(field: string, entity: string, id: number): BadUserInputError {
  return new BadUserInputError(field, `${field}: there is no ${entity} with id ${id}.`);
}

/** @throws BadUserInputError outside least … most */
export function requireWithin(field: string, value: number, least: number, most: number): number {
  if (!(value >= least && value <= most))
    throw invalid(field, `must be from ${least} to ${most}; got ${value}.`);
  return value;
}

/** @throws BadUserInputError unless 0 < k ≤ 100 */
export function requireK(k: number, field = 'k'): number {
  return requireWithin(field, k, 1, LARGEST_PAGE);
}

/** @returns a 32-bit id
 *  @throws BadUserInputError on anything but a positive whole number of that size */
export function parseId(field: string, id: string): number {
  const number = /^[0-9]{1,10}$/.test(id) ? Number(id) : 0;
  if (number < 1 || number > LARGEST_ID) {
    const given = JSON.stringify(id.slice(0, 40));
    throw invalid(field, `must be a whole number from 1 to ${LARGEST_ID}; got ${given}.`);
  }
  return number;
}

/** @returns the list; empty when it is omitted
 *  @throws BadUserInputError when it is too long */
export function requireAtMost<T>(
  most: number,
  field: string,
  list: readonly T[] | null | undefined,
): readonly T[] {
  if (list && list.length > most)
    throw invalid(field, `may have at most ${most} entries; got ${list.length}.`);
  return list ?? [];
}

/** @throws BadUserInputError when the text is too long */
export function requireLength(field: string, text: string, longest: number): string {
  if (text.length > longest)
    throw invalid(field, `may have at most ${longest} characters; got ${text.length}.`);
  return text;
}

/** @returns the text without surrounding spaces
 *  @throws BadUserInputError when it is blank, too long, or holds control characters */
export function requireText(field: string, text: string, longest: number): string {
  const trimmed = requireLength(field, text.trim(), longest);
  if (trimmed === '') throw invalid(field, 'must not be empty.');
  if (/\p{Cc}/u.test(trimmed) || !trimmed.isWellFormed())
    throw invalid(field, 'contains invalid characters.');
  return trimmed;
}

/** @returns the year, or null when none is given
 *  @throws BadUserInputError outside 1870 to 2100, which the database holds */
export function requireYear(field: string, year: number | null | undefined): number | null {
  return year === null || year === undefined ? null : requireWithin(field, year, 1870, 2100);
}

/** @throws BadUserInputError unless the value is 0.5, 1, 1.5, … 5 */
export function requireStars(field: string, value: number): number {
  if (!(value >= 0.5 && value <= 5) || !Number.isInteger(value * 2))
    throw invalid(field, `must be from 0.5 to 5 in steps of 0.5; got ${value}.`);
  return value;
}
