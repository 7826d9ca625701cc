/** The last visit: everything a user rated when last there. MovieLens' users rate page after page
 *  in one sitting, so that the last item is mostly the next on the page; the last visit asks what
 *  somebody wants who comes back. */
import type { InteractionLog } from '../interaction-log';
import { type Assignment, Role } from './split';
import { requireTimes } from './time';

/** Seconds without a rating after which a user was away. */
export const VISIT_GAP_SECONDS = 3600;

/** @param until the end of the rows to look at (exclusive)
 *  @returns the first row of the last visit before `until`: the longest run in which every gap is
 *    below VISIT_GAP_SECONDS */
export function lastVisitStart(log: Pick<InteractionLog, 'timestamp'>, from: number, until: number): number {
  let start = until;
  while (
    start > from &&
    (start === until || log.timestamp[start] - log.timestamp[start - 1] < VISIT_GAP_SECONDS)
  )
    start--;
  return start;
}

/** The last visit is the test, the one before it the validation, of users whose first visit neither
 *  of them is: who came twice has no validation part, who came once stays in training whole.
 *  @throws MissingTimesError when a time is unknown */
export function lastVisit(log: InteractionLog): Assignment {
  requireTimes(log, 'A split by visits');
  const roles = new Uint8Array(log.itemIndex.length);
  for (let user = 0; user < log.users.size; user++) {
    const [from, until] = [log.offsets[user], log.offsets[user + 1]];
    const test = lastVisitStart(log, from, until);
    const validation = lastVisitStart(log, from, test);
    if (test > from) roles.fill(Role.TEST, test, until);
    if (validation > from) roles.fill(Role.VALIDATION, validation, test);
  }
  return { roles };
}
