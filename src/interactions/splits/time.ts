/** One cut through everybody's time: what a system would have met had it been trained on that day
 *  (Meng et al., RecSys 2020). */
import type { InteractionLog } from '../interaction-log';
import { type Assignment, MissingTimesError, Role } from './split';

/** Of all interactions, the last in time for test, and as many before those for validation. */
export const TIME_SHARE = 0.1;

/** What happened in one second is never cut apart: it goes to the later part, which may make that
 *  larger than its share.
 *  @throws MissingTimesError when a time is unknown */
export function timeSplit(log: InteractionLog): Assignment {
  requireTimes(log, 'A split by time');
  const sorted = log.timestamp.slice().sort();
  const count = sorted.length;
  const size = Math.round(TIME_SHARE * count);
  const at = (behind: number) => (size === 0 ? Infinity : sorted[Math.max(0, count - behind)]);
  const [validationFrom, testFrom] = [at(2 * size), at(size)];
  const roles = Uint8Array.from(log.timestamp, (time) =>
    time >= testFrom ? Role.TEST : time >= validationFrom ? Role.VALIDATION : Role.TRAINING,
  );
  return { roles };
}

/** @throws MissingTimesError */
export function requireTimes(log: InteractionLog, what: string): void {
  const row = log.timestamp.findIndex(Number.isNaN);
  if (row < 0) return;
  const user = log.offsets.findIndex((until) => until > row) - 1;
  throw new MissingTimesError(
    `${what} needs the time of every rating; it is unknown for the rating of movie ${log.items.ids[log.itemIndex[row]]} by user ${log.users.ids[user]}.`,
  );
}
