/** The schemes: which of a log's interactions are held out, for validation and for test. */
import { Random, splitmix64 } from '../../numeric/random';
import { interactionCounts } from '../csr';
import type { InteractionLog } from '../interaction-log';
import {
  type Assignment,
  MissingTimesError,
  Role,
  type SplitName,
  type SplitScheme,
  schemeSeed,
} from './split';

type Scheme = (log: InteractionLog, seed: number) => Assignment;

/** One interaction for each part is the least that can be split: users with fewer stay in training
 *  whole. */
export const MINIMUM_INTERACTIONS = 3;

/** Leave-one-out: each user's last interaction is the test, the last but one the validation, the
 *  rest is for training. The protocol of He et al. (WWW 2017), with the validation item of Kang and
 *  McAuley (ICDM 2018). */
function leaveLastOut(log: InteractionLog): Assignment {
  const roles = new Uint8Array(log.itemIndex.length);
  for (let user = 0; user < log.users.size; user++) {
    const until = log.offsets[user + 1];
    if (until - log.offsets[user] < MINIMUM_INTERACTIONS) continue;
    roles[until - 1] = Role.TEST;
    roles[until - 2] = Role.VALIDATION;
  }
  return { roles };
}

/** Of a user's interactions, for test; at least one. */
const TEST_SHARE = 0.2;
/** Of what is left of them, for validation; at least one. */
const VALIDATION_SHARE = 0.1;
/** Who has fewer has no fifth to give, and stays in training whole. */
const MINIMUM_TO_HOLD_OUT = 5;

/** A random part of each user's interactions held out, whatever their time: what most papers on
 *  collaborative filtering measure. A user's draw depends on the seed and the user's id, not on the
 *  other users. */
function holdout(log: InteractionLog, seed: number): Assignment {
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
function atLeastOne(share: number, count: number): number {
  return Math.max(1, Math.round(share * count));
}

/** Of the users with at least MINIMUM_TO_HOLD_OUT interactions, for validation, and as many again
 *  for test. */
const NEW_USER_SHARE = 0.1;

/** Users never seen in training (strong generalisation: Marlin 2004; Liang et al., WWW 2018): their
 *  history is shown only to rank after it. Of a new user's interactions a random fifth is to be
 *  found after the others. */
function newUsers(log: InteractionLog, seed: number): Assignment {
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

/** Share of the items with interactions, for validation, and as many again for test. Not
 *  stratified: most are rare ones, as most items are, but the users' hits are dominated by the
 *  popular among them. */
const COLD_ITEM_SHARE = 0.1;

/** Items without interactions yet: only their features are known (genres, year). All interactions
 *  with a cold item are held out; a user's history is the interactions with warm items, and the
 *  cold items of the part compete among themselves. Against warm ones nothing that learned from
 *  interactions could place them. */
function coldItems(log: InteractionLog, seed: number): Assignment {
  const counts = interactionCounts(log);
  const eligible = Int32Array.from(counts.keys()).filter((item) => counts[item] > 0);
  const candidates = drawnMembers(eligible, log.items.ids, COLD_ITEM_SHARE, schemeSeed('COLD_ITEMS', seed));
  const roleOf = new Uint8Array(log.items.size);
  for (const item of candidates.VALIDATION) roleOf[item] = Role.VALIDATION;
  for (const item of candidates.TEST) roleOf[item] = Role.TEST;
  return { roles: Uint8Array.from(log.itemIndex, (item) => roleOf[item]), candidates };
}

/** Of all interactions, the last in time for test, and as many before those for validation. */
const TIME_SHARE = 0.1;

/** One cut through everybody's time: what a system would have met had it been trained on that day
 *  (Meng et al., RecSys 2020). What happened in one second is never cut apart: it goes to the later
 *  part, which may make that larger than its share.
 *  @throws MissingTimesError when a time is unknown */
function timeSplit(log: InteractionLog): Assignment {
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
function requireTimes(log: InteractionLog, what: string): void {
  const row = log.timestamp.findIndex(Number.isNaN);
  if (row < 0) return;
  const user = log.offsets.findIndex((until) => until > row) - 1;
  throw new MissingTimesError(
    `${what} needs the time of every rating; it is unknown for the rating of movie ${log.items.ids[log.itemIndex[row]]} by user ${log.users.ids[user]}.`,
  );
}

/** Seconds without a rating after which a user was away. */
const VISIT_GAP_SECONDS = 3600;

/** @param until the end of the rows to look at (exclusive)
 *  @returns the first row of the last visit before `until`: the longest run in which every gap is
 *    below VISIT_GAP_SECONDS */
export function lastVisitStart(
  log: Pick<InteractionLog, 'timestamp'>,
  from: number,
  until: number,
): number {
  let start = until;
  while (
    start > from &&
    (start === until || log.timestamp[start] - log.timestamp[start - 1] < VISIT_GAP_SECONDS)
  )
    start--;
  return start;
}

/** The last visit: everything a user rated in the last session. MovieLens' users rate page after
 *  page in one sitting, so that the last item is mostly the next on the page; the last visit
 *  measures what a returning user wants. The last visit is the test, the one before it the
 *  validation, provided neither is the user's first: a user with two visits has no validation part,
 *  one with a single visit stays in training.
 *  @throws MissingTimesError when a time is unknown */
function lastVisit(log: InteractionLog): Assignment {
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

/** A random share of users or items for validation and another for test. The members in an order
 *  drawn from seed and external id; the first share is the test's, the next the validation's. Added
 *  or removed members move only the ends of the shares. None is drawn of fewer than 3: one has to
 *  stay.
 *  @param members dense indices
 *  @param ids     external ids by dense index
 *  @returns dense indices, ascending */
function drawnMembers(
  members: Int32Array,
  ids: Int32Array,
  share: number,
  seed: number,
): Readonly<Record<SplitName, Int32Array>> {
  const size = members.length < 3 ? 0 : Math.max(1, Math.round(share * members.length));
  const stream = splitmix64(BigInt(seed))();
  const place = new BigUint64Array(ids.length);
  for (const member of members)
    place[member] = splitmix64(stream ^ BigInt.asUintN(32, BigInt(ids[member])))();
  const order = members.slice().sort((a, b) => (place[a] < place[b] ? -1 : 1));
  return { TEST: order.slice(0, size).sort(), VALIDATION: order.slice(size, 2 * size).sort() };
}

export const SCHEMES: Readonly<Record<SplitScheme, Scheme>> = {
  LEAVE_LAST_OUT: leaveLastOut,
  HOLDOUT: holdout,
  NEW_USERS: newUsers,
  COLD_ITEMS: coldItems,
  TIME: timeSplit,
  LAST_VISIT: lastVisit,
};
