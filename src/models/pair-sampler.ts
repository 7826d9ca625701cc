/** Draws interactions and items that their users do not know, for learning from pairs. */
import type { InteractionLog } from '../interactions/interaction-log';
import { Random } from '../numeric/random';

export class PairSampler {
  /** Each user's items, ascending: membership is a binary search, and no bitset of users by items
   *  is needed. */
  private readonly sorted: Int32Array;
  private readonly userOfRow: Int32Array;

  constructor(private readonly log: InteractionLog) {
    this.sorted = log.itemIndex.slice();
    this.userOfRow = new Int32Array(log.itemIndex.length);
    for (let user = 0; user < log.users.size; user++) {
      this.sorted.subarray(log.offsets[user], log.offsets[user + 1]).sort();
      this.userOfRow.fill(user, log.offsets[user], log.offsets[user + 1]);
    }
  }

  /** @returns a row of the log, uniform */
  row(random: Random): number {
    return random.integerBelow(this.sorted.length);
  }

  userOf(row: number): number {
    return this.userOfRow[row];
  }

  has(user: number, item: number): boolean {
    return includes(this.sorted, this.log.offsets[user], this.log.offsets[user + 1], item);
  }

  /** @returns an item, uniform among those the user has not got; -1 for a user of everything */
  negative(user: number, random: Random): number {
    const { log, sorted } = this;
    const from = log.offsets[user];
    const length = log.offsets[user + 1] - from;
    if (length >= log.items.size) return -1;
    for (;;) {
      const item = random.integerBelow(log.items.size);
      if (!includes(sorted, from, from + length, item)) return item;
    }
  }
}

/** Dynamic negative sampling (Zhang, Chen, Wang and Yu, SIGIR 2013): a pair teaches little once it
 *  is in the right order, so of several items the one counts that the model, as it stands, ranks
 *  highest.
 *  @param first a draw, taken as it comes where there are no `others`
 *  @param others how many further items `draw` is asked for
 *  @returns the item of the highest score, the earliest of equals */
export function hardestOf(
  first: number,
  others: number,
  draw: () => number,
  scoreOf: (item: number) => number,
): number {
  if (others === 0) return first;
  let hardest = first;
  let highest = scoreOf(first);
  for (let n = 0; n < others; n++) {
    const item = draw();
    const score = scoreOf(item);
    if (score > highest) {
      hardest = item;
      highest = score;
    }
  }
  return hardest;
}

function includes(sorted: Int32Array, from: number, until: number, item: number): boolean {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < item) low = middle + 1;
    else high = middle;
  }
  return low < until && sorted[low] === item;
}
