/** What a tag may be. */
import { MalformedLineError } from './errors';
import { storable } from './ids';

/** An entry of PostgreSQL's B-tree holds 2,704 bytes, and the tag's key is in one; lower case can
 *  be longer by half. */
const MOST_BYTES = 1_600;

/** @throws MalformedLineError for a tag that the catalog's index cannot hold */
export function storableTag(tag: string, file: string, line: number): string {
  if (tag.length * 3 > MOST_BYTES && Buffer.byteLength(tag) > MOST_BYTES) {
    throw new MalformedLineError(file, line, `the tag has more than ${MOST_BYTES} bytes.`);
  }
  return storable(tag, 'the tag', file, line);
}
