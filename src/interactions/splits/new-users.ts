/** Users never seen in training (strong generalisation: Marlin 2004; Liang et al., WWW 2018): their
 *  history is shown only to rank after it. */
import { Random } from '../../numeric/random';
import type { InteractionLog } from '../interaction-log';
import { drawnMembers } from './draw';
import { atLeastOne, MINIMUM_TO_HOLD_OUT, TEST_SHARE } from './holdout';
import { type Assignment, Role, type SchemeOptions, schemeSeed } from './split';

/** Of the users with at least MINIMUM_TO_HOLD_OUT interactions, for validation, and as many again
 *  for test. */
export const NEW_USER_SHARE = 0.1;

/** Of a new user's interactions a random fifth is to be found after the others. */
export function newUsers(log: InteractionLog, { seed }: SchemeOptions): Assignment {
  const roles = new Uint8Array(log.itemIndex.length);
  const drawSeed = schemeSeed('NEW_USERS', seed);
  const eligible = Int32Array.from(log.users.ids.keys()).filter(
    (u) => log.offsets[u + 1] - log.offsets[u] >= MINIMUM_TO_HOLD_OUT,
  );
  const drawn = drawnMembers(eligible, log.users.ids, NEW_USER_SHARE, drawSeed);
  const give = (users: Int32Array, toFind: Role, history: Role) => {
    for (const user of users) {
      const from = log.offsets[user];
      const count = log.offsets[user + 1] - from;
      roles.fill(history, from, from + count);
      const random = new Random(drawSeed, log.users.ids[user]);
      for (const at of random.sampleWithoutReplacement(count, atLeastOne(TEST_SHARE, count)))
        roles[from + at] = toFind;
    }
  };
  give(drawn.VALIDATION, Role.VALIDATION, Role.VALIDATION_HISTORY);
  give(drawn.TEST, Role.TEST, Role.TEST_HISTORY);
  return { roles };
}
