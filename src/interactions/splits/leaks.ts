/** What would give an answer away: held-out ratings, and taggings that tell them. People tag what
 *  they watched, about when they rated it. */
import { AppError } from '../../errors';
import type { InteractionLog, TagLog, TrainingData } from '../interaction-log';
import { type PreparedSplit, Role, type SplitScheme } from './split';

/** A held-out row was found in what training may see. */
export class LeakError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

type Split = Pick<PreparedSplit, 'scheme' | 'full' | 'roles' | 'parts'>;

/** @param data  what an algorithm is to be given; its vocabularies are those of the split
 *  @throws LeakError naming user and item: a held-out rating, any rating of a user who must be new,
 *    on an item that must be cold, or made after the cut; a tag that tells one of them */
export function assertNoLeak(data: Pick<TrainingData, 'interactions' | 'taggings'>, split: Split): void {
  assertNoRatingLeaks(data.interactions, split);
  const { taggings } = data;
  const row = tellingTaggings(taggings, split.full, split.roles, split.scheme).indexOf(1);
  if (row < 0) return;
  const { users, items } = split.full;
  const [user, item] = [taggings.userIndex[row], items.ids[taggings.itemIndex[row]]];
  const who = user < 0 ? 'a user without ratings' : `user ${users.ids[user]}`;
  const why = {
    NEW_USERS: `of the new ${who} on item`,
    TIME: `of ${who}, held out or put after the cut, on item`,
  };
  const words =
    split.scheme === 'NEW_USERS' || split.scheme === 'TIME'
      ? why[split.scheme]
      : `of ${who} on the held-out item`;
  throw new LeakError(`A tag ${words} ${item} is among the training tags.`);
}

function assertNoRatingLeaks(log: TrainingData['interactions'], split: Split): void {
  const { full, roles, scheme, parts } = split;
  const isCold = new Uint8Array(full.items.size);
  for (const part of Object.values(parts)) for (const item of part.candidates ?? []) isCold[item] = 1;
  const since = scheme === 'TIME' ? heldOutSince(full, roles) : Infinity;
  const stamp = new Int32Array(full.items.size);
  for (let user = 0; user < full.users.size; user++) {
    let isNew = false;
    for (let row = full.offsets[user]; row < full.offsets[user + 1]; row++) {
      if (roles[row] === Role.TRAINING) continue;
      stamp[full.itemIndex[row]] = user + 1;
      isNew = scheme === 'NEW_USERS';
    }
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++) {
      const item = log.itemIndex[row];
      const [userId, itemId] = [full.users.ids[user], full.items.ids[item]];
      const among = 'is among the training ratings.';
      if (isNew)
        throw new LeakError(`The rating of item ${itemId} by user ${userId}, who must be new, ${among}`);
      if (isCold[item] === 1)
        throw new LeakError(`The rating by user ${userId} of item ${itemId}, which must be cold, ${among}`);
      if (log.timestamp[row] >= since)
        throw new LeakError(`The rating of item ${itemId} by user ${userId}, made after the cut, ${among}`);
      if (stamp[item] === user + 1)
        throw new LeakError(`The held-out item ${itemId} of user ${userId} ${among}`);
    }
  }
}

/** A tag of user u on u's held-out item is the answer in other words, so it is removed; tags of
 *  others on that item stay, as their ratings do. Removed are also all tags of users who are not in
 *  training (NEW_USERS), and tags after the cut or of unknown time (TIME).
 *  @returns [M] 1 where a tagging must not be seen in training */
export function tellingTaggings(
  taggings: TagLog,
  full: InteractionLog,
  roles: Uint8Array,
  scheme: SplitScheme,
): Uint8Array {
  const telling = new Uint8Array(taggings.userIndex.length);
  const heldOutFrom = scheme === 'TIME' ? heldOutSince(full, roles) : Infinity;
  // stamp[item] = user + 1: held out of this user's interactions.
  const stamp = new Int32Array(full.items.size);
  for (const [user, rows] of rowsByUser(taggings, full.users.size)) {
    let isNew = false;
    for (let row = full.offsets[user]; row < full.offsets[user + 1]; row++) {
      if (roles[row] === Role.TRAINING) continue;
      stamp[full.itemIndex[row]] = user + 1;
      isNew = scheme === 'NEW_USERS';
    }
    for (const row of rows) if (isNew || stamp[taggings.itemIndex[row]] === user + 1) telling[row] = 1;
  }
  if (heldOutFrom < Infinity) {
    for (let row = 0; row < telling.length; row++)
      if (!(taggings.timestamp !== undefined && taggings.timestamp[row] < heldOutFrom)) telling[row] = 1;
  }
  return telling;
}

/** @returns the earliest time of what is not for training; Infinity where all is */
function heldOutSince(full: InteractionLog, roles: Uint8Array): number {
  let since = Infinity;
  for (let row = 0; row < roles.length; row++)
    if (roles[row] !== Role.TRAINING && full.timestamp[row] < since) since = full.timestamp[row];
  return since;
}

/** @returns the taggings without those marked */
export function withoutTaggings(taggings: TagLog, marked: Uint8Array): TagLog {
  const kept = Int32Array.from(marked.keys()).filter((row) => marked[row] === 0);
  const pick = (column: Int32Array) => Int32Array.from(kept, (row) => column[row]);
  const { timestamp } = taggings;
  return {
    tags: taggings.tags,
    userIndex: pick(taggings.userIndex),
    itemIndex: pick(taggings.itemIndex),
    tagIndex: pick(taggings.tagIndex),
    ...(timestamp && { timestamp: Float64Array.from(kept, (row) => timestamp[row]) }),
  };
}

function rowsByUser({ userIndex }: TagLog, users: number): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  userIndex.forEach((user, row) => {
    if (user < 0 || user >= users) return;
    const own = rows.get(user);
    if (own) own.push(row);
    else rows.set(user, [row]);
  });
  return rows;
}
