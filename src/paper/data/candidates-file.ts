/** `loo-candidates.csv`: the published leave-one-out test, `userId,heldOutMovieId,negativeMovieIds`
 *  (these separated by spaces). */

import { quoted, UnreadableReleaseError } from '../../datasets/errors';
import { type Place, refuse, wholeNumber } from '../../datasets/fields';
import type { ReleaseFiles } from '../../datasets/files';
import { textLines } from '../../datasets/lines';
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Negatives } from '../../interactions/negatives';
import { MINIMUM_INTERACTIONS } from '../../interactions/splits';

export const CANDIDATES_FILE = 'loo-candidates.csv';
const HEADER = 'userId,heldOutMovieId,negativeMovieIds';

export interface Candidates {
  readonly negatives: Negatives;
  /** Negatives that are the held-out movie itself, of which the published file of ML-1M has 156:
   *  skipped */
  readonly leftOut: number;
}

/** @param log the full log, by whose last rows the held-out movies are checked
 *  @throws MalformedLineError naming the line: an unknown user or movie, a held-out movie that is
 *    not the user's last, a negative of the user's history or named before; UnreadableReleaseError
 *    for a user to be measured who has no line */
export async function readCandidates(files: ReleaseFiles, log: InteractionLog): Promise<Candidates> {
  const { users, items, offsets, itemIndex } = log;
  const lists: (readonly number[] | undefined)[] = new Array(users.size);
  // excluded[item] = user + 1: of the user's history, or named before.
  const excluded = new Int32Array(items.size);
  let leftOut = 0;
  let headerSeen = false;
  for await (const line of textLines(files, CANDIDATES_FILE, 'utf8')) {
    const fields = line.text.split(',');
    if (!headerSeen) {
      if (line.text !== HEADER) refuse(line, `expected the header ${HEADER}, found ${quoted(line.text)}.`);
      headerSeen = true;
      continue;
    }
    if (fields.length !== 3) refuse(line, `expected 3 fields, found ${fields.length}.`);
    const userId = wholeNumber(fields[0], 'the user id', line);
    const user = users.indexOf(userId) ?? refuse(line, `user ${userId} has no interactions.`);
    if (lists[user]) refuse(line, `duplicate user ${userId}.`);
    const heldOut = itemOf(fields[1], items, line);
    const last = itemIndex[offsets[user + 1] - 1];
    if (heldOut !== last)
      refuse(
        line,
        `movie ${fields[1]} is not the last one of user ${userId}, which is ${items.ids[last]}.`,
      );
    for (let row = offsets[user]; row < offsets[user + 1]; row++) excluded[itemIndex[row]] = user + 1;
    const negatives: number[] = [];
    for (const id of fields[2].trim().split(/ +/)) {
      const item = itemOf(id, items, line);
      if (item === heldOut) {
        leftOut++;
        continue;
      }
      if (excluded[item] === user + 1)
        refuse(
          line,
          `movie ${id} is in the history of user ${userId} or a duplicate, so it is not a negative.`,
        );
      excluded[item] = user + 1;
      negatives.push(item);
    }
    if (negatives.length === 0) refuse(line, `user ${userId} has no negatives.`);
    lists[user] = negatives;
  }
  if (!headerSeen)
    refuse({ file: CANDIDATES_FILE, line: 1 }, `expected the header ${HEADER}, found an empty file.`);
  for (let user = 0; user < users.size; user++) {
    if (lists[user] || offsets[user + 1] - offsets[user] < MINIMUM_INTERACTIONS) continue;
    throw new UnreadableReleaseError(
      `${CANDIDATES_FILE} has no line for user ${users.ids[user]}, who is evaluated.`,
    );
  }
  return { negatives: columnsOf(lists), leftOut };
}

function itemOf(text: string, items: InteractionLog['items'], place: Place): number {
  const id = wholeNumber(text, 'the movie id', place);
  return items.indexOf(id) ?? refuse(place, `movie ${id} has no interactions.`);
}

function columnsOf(lists: readonly (readonly number[] | undefined)[]): Negatives {
  const offsets = new Int32Array(lists.length + 1);
  for (let user = 0; user < lists.length; user++)
    offsets[user + 1] = offsets[user] + (lists[user]?.length ?? 0);
  const items = new Int32Array(offsets[lists.length]);
  for (let user = 0; user < lists.length; user++) items.set(lists[user] ?? [], offsets[user]);
  return { offsets, items };
}
