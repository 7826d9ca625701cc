/** Compressed sparse rows over a log: the matrix the other way round, and its counts. */
import type { InteractionLog } from './interaction-log';

export interface Csr {
  /** [R + 1] */
  readonly offsets: Int32Array;
  /** [N] column indices of row r are at offsets[r] .. offsets[r+1] */
  readonly indices: Int32Array;
}

/** @returns [I] how many users interacted with each item */
export function interactionCounts(log: InteractionLog): Int32Array {
  const counts = new Int32Array(log.items.size);
  for (const item of log.itemIndex) counts[item]++;
  return counts;
}

/** @returns one row an item: the users who interacted with it, ascending */
export function usersByItem(log: InteractionLog): Csr {
  const offsets = new Int32Array(log.items.size + 1);
  for (const item of log.itemIndex) offsets[item + 1]++;
  for (let item = 0; item < log.items.size; item++) offsets[item + 1] += offsets[item];
  const next = offsets.slice(0, log.items.size);
  const indices = new Int32Array(log.itemIndex.length);
  for (let user = 0; user < log.users.size; user++) {
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++)
      indices[next[log.itemIndex[row]]++] = user;
  }
  return { offsets, indices };
}
