/** What a person types into a search box → a tsquery that PostgreSQL accepts, whatever was
 *  typed. */
import { BadUserInputError } from '../errors';

const LONGEST = 200;
const MOST_WORDS = 20;

/** Every word must occur, the last one as a beginning. Words are quoted and left to PostgreSQL's
 *  own parser, so that `E.T.` and `Extra-Terr` are cut up as the titles were.
 *  @returns the text for `to_tsquery('simple', …)`, or null when nothing was typed
 *  @throws BadUserInputError when the text is too long */
export function searchQuery(field: string, text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (text.length > LONGEST)
    throw new BadUserInputError(
      field,
      `${field} may have ${LONGEST} characters at most; got ${text.length}.`,
    );
  const words = text
    .toWellFormed()
    .replace(/[\p{Cc}'\\]/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  return words
    .slice(0, MOST_WORDS)
    .map((word, index, all) => (index === all.length - 1 ? `'${word}':*` : `'${word}'`))
    .join(' & ');
}
