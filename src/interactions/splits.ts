/** Splits what is known into training, validation and test: by a scheme each interaction gets a
 *  role, and from the roles follows what training may see and what is measured. */
import { historyOf } from './history';
import type { InteractionLog, TrainingData, UserHistory } from './interaction-log';
import { tellingTaggings, withoutTaggings } from './splits/leaks';
import { SCHEMES } from './splits/schemes';
import {
  type Assignment,
  type PreparedSplit,
  Role,
  type SplitName,
  type SplitOptions,
  type SplitPart,
  type SplitScheme,
} from './splits/split';

export { assertNoLeak, LeakError } from './splits/leaks';
export { MINIMUM_INTERACTIONS } from './splits/schemes';
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

/** The same data, scheme and seed give the same split. Without options: leave the last one out.
 *  @throws MissingTimesError for TIME and LAST_VISIT where a rating has no time */
export function prepareSplit(data: TrainingData, options: SplitOptions = {}): PreparedSplit {
  const { scheme = 'LEAVE_LAST_OUT', seed = 1, validation = true } = options;
  return assemble(data, SCHEMES[scheme](data.interactions, seed), { scheme, seed, validation });
}

const NOTHING_KNOWN = { gender: null, age: null, occupation: null };

function assemble(
  data: TrainingData,
  { roles, candidates }: Assignment,
  options: { readonly scheme: SplitScheme; readonly seed: number; readonly validation: boolean },
): PreparedSplit {
  const { scheme, seed } = options;
  if (!options.validation) {
    for (let row = 0; row < roles.length; row++) {
      if (roles[row] === Role.VALIDATION || roles[row] === Role.VALIDATION_HISTORY)
        roles[row] = Role.TRAINING;
    }
  }
  const full = data.interactions;
  const interactions = rowsWith(full, roles, Role.TRAINING);
  const part = (name: SplitName): SplitPart => ({
    ...usersOf({ full, roles, scheme }, name),
    candidates: (options.validation || name === 'TEST' ? candidates?.[name] : undefined) ?? null,
  });
  // What is known of a user who must be new is for the day this user comes.
  const isNew = (user: number) =>
    scheme === 'NEW_USERS' && interactions.offsets[user] === interactions.offsets[user + 1];
  return {
    scheme,
    seed,
    full,
    roles,
    demographics: data.demographics,
    parts: { VALIDATION: part('VALIDATION'), TEST: part('TEST') },
    trainingData: {
      interactions,
      itemFeatures: data.itemFeatures,
      taggings: withoutTaggings(data.taggings, tellingTaggings(data.taggings, full, roles, scheme)),
      demographics: data.demographics?.map((known, user) => (isNew(user) ? NOTHING_KNOWN : known)) ?? null,
    },
  };
}

/** The interactions that a model may know when it ranks for a user: on VALIDATION those of
 *  training, on TEST those of validation too (but for cold items, which stay cold), for a new user
 *  the history that is shown.
 *  @returns oldest first; `userIndex` is undefined for someone without a row in training */
export function historyBefore(split: PreparedSplit, user: number, name: SplitName): UserHistory {
  const { full, roles, trainingData } = split;
  const [from, until] = [full.offsets[user], full.offsets[user + 1]];
  let [count, last] = [0, from - 1];
  for (let row = from; row < until; row++) {
    if (!isKnown(roles[row], name, split.scheme)) continue;
    count++;
    last = row;
  }
  const trained = trainingData.interactions.offsets[user + 1] > trainingData.interactions.offsets[user];
  const userIndex = trained ? user : undefined;
  const demographics = split.demographics?.[user];
  if (last + 1 - from === count) return { ...historyOf(full, user, count, demographics), userIndex };
  const [items, values, timestamps] = [
    new Int32Array(count),
    new Float32Array(count),
    new Float64Array(count),
  ];
  for (let row = from, n = 0; row <= last; row++) {
    if (!isKnown(roles[row], name, split.scheme)) continue;
    items[n] = full.itemIndex[row];
    values[n] = full.value[row];
    timestamps[n++] = full.timestamp[row];
  }
  return { items, values, timestamps, userIndex, demographics };
}

function isKnown(role: number, name: SplitName, scheme: SplitScheme): boolean {
  if (role === Role.TRAINING) return true;
  if (name === 'VALIDATION') return role === Role.VALIDATION_HISTORY;
  return role === Role.TEST_HISTORY || (role === Role.VALIDATION && scheme !== 'COLD_ITEMS');
}

/** @returns who is measured on a part, and what each is to be shown */
function usersOf(
  { full, roles, scheme }: Pick<PreparedSplit, 'full' | 'roles' | 'scheme'>,
  name: SplitName,
): Omit<SplitPart, 'candidates'> {
  const users: number[] = [];
  const offsets = [0];
  const relevant: number[] = [];
  for (let user = 0; user < full.users.size; user++) {
    let known = false;
    const found = relevant.length;
    for (let row = full.offsets[user]; row < full.offsets[user + 1]; row++) {
      if (roles[row] === Role[name]) relevant.push(full.itemIndex[row]);
      else known ||= isKnown(roles[row], name, scheme);
    }
    if (!known) relevant.length = found;
    if (relevant.length === found) continue;
    users.push(user);
    offsets.push(relevant.length);
  }
  return {
    users: Int32Array.from(users),
    offsets: Int32Array.from(offsets),
    relevant: Int32Array.from(relevant),
  };
}

/** @param roles [N] of the log's rows
 *  @returns the rows with this role, in order; the vocabularies are the log's */
export function rowsWith(log: InteractionLog, roles: Uint8Array, role: Role): InteractionLog {
  const offsets = new Int32Array(log.users.size + 1);
  for (let user = 0; user < log.users.size; user++) {
    let kept = 0;
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++) if (roles[row] === role) kept++;
    offsets[user + 1] = offsets[user] + kept;
  }
  const size = offsets[log.users.size];
  const [itemIndex, value, timestamp] = [
    new Int32Array(size),
    new Float32Array(size),
    new Float64Array(size),
  ];
  for (let row = 0, n = 0; row < roles.length; row++) {
    if (roles[row] !== role) continue;
    itemIndex[n] = log.itemIndex[row];
    value[n] = log.value[row];
    timestamp[n++] = log.timestamp[row];
  }
  return { users: log.users, items: log.items, offsets, itemIndex, value, timestamp };
}
