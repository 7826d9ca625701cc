/** What a client may call a tag. */
import { BadUserInputError } from '../errors';
import { requireText } from '../request/parameters';
import { tagKey } from './tag.entity';

const LONGEST_TAG = 255;

/** @returns the spelling without surrounding spaces, and the key under which spellings are one tag
 *  @throws BadUserInputError */
export function requireTag(field: string, text: string): { readonly name: string; readonly key: string } {
  const name = requireText(field, text, LONGEST_TAG);
  const key = tagKey(name);
  if (key === '') throw new BadUserInputError(field, `${field} must not be empty.`);
  return { name, key };
}
