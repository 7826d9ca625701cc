/** The names of tags: which a client may give, and which are the same tag. */
import { invalid, requireText } from '../request/parameters';

const LONGEST_TAG = 255;

/** @returns the spelling without surrounding spaces, and the key under which spellings are one tag
 *  @throws BadUserInputError */
export function requireTag(field: string, text: string): { readonly name: string; readonly key: string } {
  const name = requireText(field, text, LONGEST_TAG);
  const key = tagKey(name);
  if (key === '') throw invalid(field, 'must not be empty.');
  return { name, key };
}

/** The key under which spellings are one tag: NFC, lower case, trimmed, single spaces. Empty for a
 *  blank tag. */
export function tagKey(name: string): string {
  // Lower case of Σ depends on whether a letter follows, that is on the very spaces that do not
  // count.
  return name.normalize('NFC').toLowerCase().replaceAll('ς', 'σ').replace(/\s+/gu, ' ').trim();
}
