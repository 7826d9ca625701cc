/** Sampled negatives: items a user never interacted with, anywhere in the full log, drawn uniformly
 *  from the items with interactions. */
import { Random } from '../numeric/random';
import { interactionCounts } from './csr';
import type { InteractionLog } from './interaction-log';

export interface Negatives {
  /** [U + 1] */
  readonly offsets: Int32Array;
  /** Items of user u are at offsets[u] .. offsets[u+1], distinct, in random order */
  readonly items: Int32Array;
}

/** @param log   the full log, held-out rows included
 *  @param count a user with nearly all items gets fewer: all the remaining ones
 *  @param seed  each user has a separate random stream, by external id: a draw does not depend on
 *    the other users */
export function sampleNegatives(log: InteractionLog, count = 99, seed = 1): Negatives {
  if (!(Number.isInteger(count) && count >= 0))
    throw new RangeError(`The number of negatives must be 0 or more, not ${count}.`);
  const popularity = interactionCounts(log);
  const eligible = Int32Array.from({ length: log.items.size }, (_, item) => item).filter(
    (item) => popularity[item] > 0,
  );
  const offsets = new Int32Array(log.users.size + 1);
  for (let user = 0; user < log.users.size; user++) {
    const left = eligible.length - (log.offsets[user + 1] - log.offsets[user]);
    offsets[user + 1] = offsets[user] + Math.min(count, left);
  }
  const items = new Int32Array(offsets[log.users.size]);
  // excluded[item] = user + 1: interacted with, or drawn already.
  const excluded = new Int32Array(log.items.size);
  for (let user = 0; user < log.users.size; user++) {
    const random = new Random(seed, log.users.ids[user]);
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++)
      excluded[log.itemIndex[row]] = user + 1;
    const wanted = items.subarray(offsets[user], offsets[user + 1]);
    const left = eligible.length - (log.offsets[user + 1] - log.offsets[user]);
    if (4 * wanted.length > left) {
      const rest = eligible.filter((item) => excluded[item] !== user + 1);
      wanted.set(random.sampleWithoutReplacement(rest.length, wanted.length).map((at) => rest[at]));
      continue;
    }
    for (let n = 0; n < wanted.length; ) {
      const item = eligible[random.integerBelow(eligible.length)];
      if (excluded[item] === user + 1) continue;
      excluded[item] = user + 1;
      wanted[n++] = item;
    }
  }
  return { offsets, items };
}
