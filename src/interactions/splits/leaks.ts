/** Looks for what is to be predicted in what training may see. */
import { AppError } from '../../errors';
import type { TrainingData } from '../interaction-log';
import { type PreparedSplit, Role } from './split';
import { heldOutSince, tellingTaggings } from './taggings';

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
  const who = user < 0 ? 'somebody who rated nothing' : `user ${users.ids[user]}`;
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
