/** Perturbed training data: a share of what users rated is replaced by something else, as by guests
 *  on an account, accidental ratings, or users who hide their taste. */
import type { InteractionLog, TrainingData } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';

export interface DataPerturbation {
  /** Of each user's interactions, 0 to 1 */
  readonly share: number;
  /** Number of each user's last interactions that are kept unchanged: the held-out ones */
  readonly spared: number;
  readonly seed: number;
}

/** Each interaction but the spared ones is replaced with probability `share` by an item that the
 *  user does not have, uniform over the catalogue; its stars are drawn from the same data, its time
 *  stays. Spared items are never drawn: there is no leak. A user with all items keeps them. `data`
 *  is not changed. Taggings stay.
 *  @throws RangeError for a share outside [0, 1] */
export function perturb(data: TrainingData, { share, spared, seed }: DataPerturbation): TrainingData {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`A share must be from 0 to 1, not ${share}.`);
  const log = data.interactions;
  const random = new Random(seed);
  const [itemIndex, value] = [log.itemIndex.slice(), log.value.slice()];
  for (let user = 0; user < log.users.size; user++) {
    const [from, end] = [log.offsets[user], log.offsets[user + 1]];
    const own = new Set(itemIndex.subarray(from, end));
    for (let row = from; row < end - spared; row++) {
      if (random.uniform() >= share || own.size >= log.items.size) continue;
      // What was there before stays in `own`: it must not come back in another row.
      const item = drawOther(own, log, random);
      own.add(item);
      itemIndex[row] = item;
      value[row] = log.value[random.integerBelow(log.value.length)];
    }
  }
  return { ...data, interactions: { ...log, itemIndex, value } };
}

function drawOther(own: ReadonlySet<number>, log: InteractionLog, random: Random): number {
  for (;;) {
    const item = random.integerBelow(log.items.size);
    if (!own.has(item)) return item;
  }
}
