/** One user's rows of a log as views: no copies, so that a million histories cost nothing. */
import type { Demographics, InteractionLog, UserHistory } from './interaction-log';

/** @param user dense index
 *  @param end  how many of the user's interactions count, oldest first; all of them without it
 *  @throws RangeError for a user or an end that the log does not have */
export function historyOf(
  log: InteractionLog,
  user: number,
  end?: number,
  demographics?: Demographics,
): UserHistory {
  if (!(Number.isInteger(user) && user >= 0 && user < log.users.size))
    throw new RangeError(`There is no user with index ${user}.`);
  const from = log.offsets[user];
  const length = log.offsets[user + 1] - from;
  const until = end ?? length;
  if (!(Number.isInteger(until) && until >= 0 && until <= length))
    throw new RangeError(`User ${user} has ${length} interactions; ${until} were requested.`);
  return {
    items: log.itemIndex.subarray(from, from + until),
    values: log.value.subarray(from, from + until),
    timestamps: log.timestamp.subarray(from, from + until),
    userIndex: user,
    demographics,
  };
}
