/** Which taggings would give an answer away. People tag what they watched, about when they rated
 *  it. */
import type { InteractionLog, TagLog } from '../interaction-log';
import { Role, type SplitScheme } from './split';

/** A tag of user u on u's held-out item is the answer in other words, so it goes; what others put
 *  on that item stays, as their ratings of it do. Of a user who is not in training no tag is left
 *  (NEW_USERS), and none that was put after the cut, or nobody knows when (TIME).
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
export function heldOutSince(full: InteractionLog, roles: Uint8Array): number {
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
