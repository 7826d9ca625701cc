/** Splits what is known into training, validation and test. One scheme = one file in splits/; here
 *  is the door. */
import type { InteractionLog, TrainingData } from './interaction-log';
import { assemble } from './splits/assemble';
import { coldItems } from './splits/cold-items';
import { holdout } from './splits/holdout';
import { lastVisit } from './splits/last-visit';
import { leaveLastOut } from './splits/leave-last-out';
import { newUsers } from './splits/new-users';
import type { Assignment, PreparedSplit, SchemeOptions, SplitOptions, SplitScheme } from './splits/split';
import { timeSplit } from './splits/time';

export { historyBefore, rowsWith } from './splits/assemble';
export { assertNoLeak, LeakError } from './splits/leaks';
export { MINIMUM_INTERACTIONS } from './splits/leave-last-out';
export {
  MissingTimesError,
  type PreparedSplit,
  Role,
  SPLIT_NAMES,
  SPLIT_SCHEMES,
  type SplitName,
  type SplitOptions,
  type SplitPart,
  type SplitScheme,
} from './splits/split';

const SCHEMES: Readonly<Record<SplitScheme, (log: InteractionLog, options: SchemeOptions) => Assignment>> = {
  LEAVE_LAST_OUT: leaveLastOut,
  HOLDOUT: holdout,
  NEW_USERS: newUsers,
  COLD_ITEMS: coldItems,
  TIME: timeSplit,
  LAST_VISIT: lastVisit,
};

/** The same data, scheme and seed give the same split. Without options: leave the last one out.
 *  @throws MissingTimesError for TIME and LAST_VISIT where a rating has no time */
export function prepareSplit(data: TrainingData, options: SplitOptions = {}): PreparedSplit {
  const { scheme = 'LEAVE_LAST_OUT', seed = 1, validation = true } = options;
  return assemble(data, SCHEMES[scheme](data.interactions, { seed }), { scheme, seed, validation });
}
