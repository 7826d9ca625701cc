/** Leave-one-out: each user's last interaction is the test, the last but one the validation, the
 *  rest is for training. The protocol of He et al. (WWW 2017), with the validation item of Kang and
 *  McAuley (ICDM 2018). */
import type { InteractionLog } from '../interaction-log';
import { type Assignment, Role } from './split';

/** One interaction for each part is the least that can be split: users with fewer stay in training
 *  whole. */
export const MINIMUM_INTERACTIONS = 3;

export function leaveLastOut(log: InteractionLog): Assignment {
  const roles = new Uint8Array(log.itemIndex.length);
  for (let user = 0; user < log.users.size; user++) {
    const until = log.offsets[user + 1];
    if (until - log.offsets[user] < MINIMUM_INTERACTIONS) continue;
    roles[until - 1] = Role.TEST;
    roles[until - 2] = Role.VALIDATION;
  }
  return { roles };
}
