/** `interactions.csv`: `userId,movieId[,timestamp]`, each user's rows in the order in which they
 *  were made. */

import { MalformedLineError, quoted } from '../../datasets/errors';
import type { ReleaseFiles } from '../../datasets/files';
import { unixTime, wholeNumber } from '../../datasets/ids';
import { textLines } from '../../datasets/lines';
import type { InteractionRows } from '../../interactions/build';
import type { InteractionLog } from '../../interactions/interaction-log';
import { buildLog } from './build-log';
import { INTERACTIONS_FILE } from './data-folder';

const HEADERS: readonly string[] = ['userId,movieId', 'userId,movieId,timestamp'];

/** Without stars (value 0); the catalogue is the movies that occur. Without the third column the
 *  times are unknown (NaN), and the order of the lines is the order of events.
 *  @throws MalformedLineError naming the line: another header, a field too few or too many, an id
 *    or a time that is none, a time before the same user's last one, a pair that was there
 *  already */
export async function readInteractions(files: ReleaseFiles): Promise<InteractionLog> {
  const rows = await readRows(files);
  return buildLog(rows, { file: INTERACTIONS_FILE, lineOf: (row) => row + 2 });
}

async function readRows(files: ReleaseFiles): Promise<InteractionRows> {
  const userId: number[] = [];
  const itemId: number[] = [];
  const timestamp: number[] = [];
  const lastTime = new Map<number, number>();
  let width = 0;
  for await (const lines of textLines(files, INTERACTIONS_FILE, 'utf8')) {
    for (const { text, line } of lines) {
      if (width === 0) {
        if (!HEADERS.includes(text))
          refuse(line, `expected the header ${HEADERS.join(' or ')}, found ${quoted(text)}.`);
        width = text.split(',').length;
        continue;
      }
      const fields = text.split(',');
      if (fields.length !== width) refuse(line, `expected ${width} fields, found ${fields.length}.`);
      const user = wholeNumber(fields[0], 'the user id', INTERACTIONS_FILE, line);
      const time = width === 3 ? unixTime(fields[2], INTERACTIONS_FILE, line) : Number.NaN;
      if (time < (lastTime.get(user) ?? 0)) refuse(line, `user ${user}'s rows are not in the order of time.`);
      if (width === 3) lastTime.set(user, time);
      userId.push(user);
      itemId.push(wholeNumber(fields[1], 'the movie id', INTERACTIONS_FILE, line));
      timestamp.push(time);
    }
  }
  if (width === 0) refuse(1, `expected the header ${HEADERS.join(' or ')}, found an empty file.`);
  const ordinal = Int32Array.from(userId.keys());
  return { userId, itemId, value: new Float32Array(userId.length), timestamp, ordinal };
}

function refuse(line: number, reason: string): never {
  throw new MalformedLineError(INTERACTIONS_FILE, line, reason);
}
