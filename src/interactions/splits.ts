/** Leave-one-out: each user's last interaction is the test, the last but one the validation, the rest is for training.
 *  The protocol of He et al. (WWW 2017), with the validation item of Kang and McAuley (ICDM 2018). */
import { historyOf } from './history';
import type { InteractionLog, TagLog, TrainingData, UserHistory } from './interaction-log';

export type SplitName = 'VALIDATION' | 'TEST';

/** One interaction for each part is the least that can be split. */
export const MINIMUM_INTERACTIONS = 3;

export interface LeaveLastOutSplit {
  /** Same vocabularies as the full log: an item that only held-out rows name stays in the catalogue, without a row. */
  readonly train: InteractionLog;
  /** [U] dense item index, or -1 for a user who is not evaluated */
  readonly validation: Int32Array;
  /** [U] dense item index, or -1 */
  readonly test: Int32Array;
}

/** What the laboratory trains on and measures with. */
export interface PreparedSplit extends LeaveLastOutSplit {
  readonly full: InteractionLog;
  /** Without a held-out rating, and without the held-out users' own tags on their held-out items. */
  readonly trainingData: TrainingData;
}

/** A held-out row was found in what training may see. */
export class LeakError extends Error {
  override readonly name = 'LeakError';
}

/** Users with fewer than `minimum` interactions (3: one for each part) stay in training whole. */
export function leaveLastOut(log: InteractionLog, minimum = MINIMUM_INTERACTIONS): LeaveLastOutSplit {
  if (!(Number.isInteger(minimum) && minimum >= MINIMUM_INTERACTIONS)) throw new RangeError('A user to split has at least 3 interactions.');
  const userCount = log.users.size;
  const validation = new Int32Array(userCount).fill(-1);
  const test = new Int32Array(userCount).fill(-1);
  const offsets = new Int32Array(userCount + 1);
  for (let user = 0; user < userCount; user++) {
    const until = log.offsets[user + 1];
    let kept = until - log.offsets[user];
    if (kept >= minimum) {
      test[user] = log.itemIndex[until - 1];
      validation[user] = log.itemIndex[until - 2];
      kept -= 2;
    }
    offsets[user + 1] = offsets[user] + kept;
  }
  const total = offsets[userCount];
  const itemIndex = new Int32Array(total);
  const value = new Float32Array(total);
  const timestamp = new Float64Array(total);
  for (let user = 0; user < userCount; user++) {
    const history = historyOf(log, user, offsets[user + 1] - offsets[user]);
    itemIndex.set(history.items, offsets[user]);
    value.set(history.values, offsets[user]);
    timestamp.set(history.timestamps, offsets[user]);
  }
  return { train: { users: log.users, items: log.items, offsets, itemIndex, value, timestamp }, validation, test };
}

/** Splits all of what is known, tags included. */
export function prepareSplit(data: TrainingData, minimum = MINIMUM_INTERACTIONS): PreparedSplit {
  const split = leaveLastOut(data.interactions, minimum);
  const taggings = withoutHeldOut(data.taggings, split);
  return { ...split, full: data.interactions, trainingData: { ...data, interactions: split.train, taggings } };
}

/** A user tags what the user watched: user u's tag on u's held-out item tells the answer, so it goes. What others put on
 *  that item stays, as their ratings of it do. */
export function withoutHeldOut(taggings: TagLog, heldOut: Pick<LeaveLastOutSplit, 'validation' | 'test'>): TagLog {
  const kept = new Int32Array(taggings.userIndex.length);
  let count = 0;
  for (let row = 0; row < kept.length; row++) if (!isHeldOut(taggings, row, heldOut)) kept[count++] = row;
  const rows = kept.subarray(0, count);
  const pick = (column: Int32Array) => Int32Array.from(rows, (row) => column[row]);
  return {
    tags: taggings.tags,
    userIndex: pick(taggings.userIndex),
    itemIndex: pick(taggings.itemIndex),
    tagIndex: pick(taggings.tagIndex),
  };
}

/** The interactions that a model may know when it ranks for a user: up to, not including, the held-out one. */
export function historyBefore(split: PreparedSplit, user: number, name: SplitName): UserHistory {
  const known = split.full.offsets[user + 1] - split.full.offsets[user] - (name === 'TEST' ? 1 : 2);
  return historyOf(split.full, user, known, split.trainingData.demographics?.[user]);
}

/** @throws LeakError naming the user and the item, when training data hold what is to be predicted */
export function assertNoLeak(
  data: Pick<TrainingData, 'interactions' | 'taggings'>,
  heldOut: Pick<LeaveLastOutSplit, 'validation' | 'test'>,
): void {
  const { interactions: log, taggings } = data;
  for (let user = 0; user < log.users.size; user++) {
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++) {
      const item = log.itemIndex[row];
      if (item === heldOut.test[user] || item === heldOut.validation[user]) {
        throw new LeakError(`The held-out item ${log.items.ids[item]} of user ${log.users.ids[user]} is among the training ratings.`);
      }
    }
  }
  for (let row = 0; row < taggings.userIndex.length; row++) {
    if (isHeldOut(taggings, row, heldOut)) {
      const [user, item] = [log.users.ids[taggings.userIndex[row]], log.items.ids[taggings.itemIndex[row]]];
      throw new LeakError(`A tag of user ${user} on the held-out item ${item} is among the training tags.`);
    }
  }
}

function isHeldOut(taggings: TagLog, row: number, { validation, test }: Pick<LeaveLastOutSplit, 'validation' | 'test'>): boolean {
  const user = taggings.userIndex[row];
  if (user < 0) return false;
  const item = taggings.itemIndex[row];
  return item === test[user] || item === validation[user];
}
