/** The order within one second is the file's, not the user's: what is left of a result when it is
 *  drawn at random? */
import { Random } from '../numeric/random';
import type { InteractionLog } from './interaction-log';

/** @returns the log with the rows of one user and one time in random order, drawn by seed and user
 *    id; rows without a time stay put */
export function shuffleEqualTimes(log: InteractionLog, seed: number): InteractionLog {
  const order = Int32Array.from(log.itemIndex.keys());
  for (let user = 0; user < log.users.size; user++) {
    const random = new Random(seed, log.users.ids[user]);
    const until = log.offsets[user + 1];
    for (let from = log.offsets[user], to = from; from < until; from = to) {
      for (to = from + 1; to < until && log.timestamp[to] === log.timestamp[from]; ) to++;
      random.shuffle(order.subarray(from, to));
    }
  }
  return {
    ...log,
    itemIndex: Int32Array.from(order, (row) => log.itemIndex[row]),
    value: Float32Array.from(order, (row) => log.value[row]),
  };
}
