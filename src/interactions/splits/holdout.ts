/** A random part of each user's interactions held out, whatever their time: what most papers on
 *  collaborative filtering measure. */
import { Random } from '../../numeric/random';
import type { InteractionLog } from '../interaction-log';
import { type Assignment, Role, type SchemeOptions, schemeSeed } from './split';

/** Of a user's interactions, for test; at least one. */
export const TEST_SHARE = 0.2;
/** Of what is left of them, for validation; at least one. */
export const VALIDATION_SHARE = 0.1;
/** Who has fewer has no fifth to give, and stays in training whole. */
export const MINIMUM_TO_HOLD_OUT = 5;

/** A user's draw depends on the seed and the user's id, not on who else is there. */
export function holdout(log: InteractionLog, { seed }: SchemeOptions): Assignment {
  const roles = new Uint8Array(log.itemIndex.length);
  for (let user = 0; user < log.users.size; user++) {
    const from = log.offsets[user];
    const count = log.offsets[user + 1] - from;
    if (count < MINIMUM_TO_HOLD_OUT) continue;
    const test = atLeastOne(TEST_SHARE, count);
    const validation = atLeastOne(VALIDATION_SHARE, count - test);
    const random = new Random(schemeSeed('HOLDOUT', seed), log.users.ids[user]);
    random.sampleWithoutReplacement(count, test + validation).forEach((at, n) => {
      roles[from + at] = n < test ? Role.TEST : Role.VALIDATION;
    });
  }
  return { roles };
}

/** @returns the share of the count, rounded, and 1 where that is nothing */
export function atLeastOne(share: number, count: number): number {
  return Math.max(1, Math.round(share * count));
}
