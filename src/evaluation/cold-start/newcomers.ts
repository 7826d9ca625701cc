/** Accuracy by the number of known ratings of a new user: "Given n" of Breese, Heckerman and Kadie
 *  (UAI 1998), in the order of time.
 *
 *  Of each user who is not in training, the first n ratings are known and the next ten are to be
 *  found in the whole catalogue without the known ones. The same users at every n. With n = 0 every
 *  system answers as the server does: by popularity, within the demographic groups where known. */
import { setImmediate } from 'node:timers/promises';
import { countDemographics, demographicPrior } from '../../interactions/demographic-prior';
import { historyOf } from '../../interactions/history';
import type { UserHistory } from '../../interactions/interaction-log';
import type { PreparedSplit, SplitName } from '../../interactions/splits';
import { type Model } from '../../models/system';
import { Random } from '../../numeric/random';
import { itemPopularity } from '../item-popularity';
import { Candidates, EVALUATION_SEED, tieStream } from '../ranking';
import { type Scorer, scoredBatches } from '../scoring';
import { type ColdStartRow, CURVE_METRICS, curveRows, KNOWN_RATINGS } from './curve';

export const COLD_START_CUTOFF = 20;
const TO_FIND = 10;
/** Enough for intervals of one percentage point; more would take long relative to the training. */
const MOST_USERS = 2_000;

export interface NewcomerOptions {
  readonly part?: SplitName;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** @param split by NEW_USERS: otherwise the model has seen what is to be found
 *  @returns a row for each number and metric; none where no new user has 30 ratings
 *  @throws RangeError for another split, InvalidScoresError, AbortError on `signal` */
export async function measureNewcomers(
  model: Model,
  split: PreparedSplit,
  options: NewcomerOptions = {},
): Promise<ColdStartRow[]> {
  if (split.scheme !== 'NEW_USERS')
    throw new RangeError(`New users require a split by NEW_USERS, not ${split.scheme}.`);
  const { part = 'TEST', seed = EVALUATION_SEED, signal } = options;
  const users = newcomersOf(split, part, seed);
  if (users.length === 0) return [];
  const popularity = itemPopularity(split.trainingData.interactions);
  const prior = priorOf(model, split);
  const ranked = new Candidates(model.itemCount, null);
  const { offsets, itemIndex } = split.full;
  const rows: ColdStartRow[] = [];
  for (const known of KNOWN_RATINGS) {
    const columns = Object.values(CURVE_METRICS).map(() => new Float32Array(users.length));
    const scorer = known === 0 ? prior : model;
    for (const batch of scoredBatches(scorer, users, (user) => historyOfNew(split, user, known))) {
      signal?.throwIfAborted();
      for (const { at, key: user, query, scores } of batch) {
        ranked.load(scores, query.items, tieStream(seed, split.full.users.ids[user]));
        const head = ranked.head(COLD_START_CUTOFF);
        const relevant = new Set(
          itemIndex.subarray(offsets[user] + known, offsets[user] + known + TO_FIND),
        );
        Object.values(CURVE_METRICS).forEach((metric, m) => {
          columns[m][at] = metric.compute(head, relevant, COLD_START_CUTOFF, popularity);
        });
      }
      await setImmediate();
    }
    rows.push(...curveRows({ knownRatings: known, k: COLD_START_CUTOFF }, columns, seed));
  }
  return rows;
}

function historyOfNew({ full, demographics }: PreparedSplit, user: number, known: number): UserHistory {
  return { ...historyOf(full, user, known, demographics?.[user]), userIndex: undefined };
}

/** @returns dense indices, ascending, of the part's users with enough ratings for every n */
function newcomersOf(split: PreparedSplit, part: SplitName, seed: number): Int32Array {
  const { offsets } = split.full;
  const enough = KNOWN_RATINGS[KNOWN_RATINGS.length - 1] + TO_FIND;
  const users = split.parts[part].users.filter((user) => offsets[user + 1] - offsets[user] >= enough);
  if (users.length <= MOST_USERS) return users;
  return new Random(seed)
    .sampleWithoutReplacement(users.length, MOST_USERS)
    .map((at) => users[at])
    .sort();
}

/** @returns the server's scores for a user without ratings */
function priorOf({ name, itemCount }: Scorer, split: PreparedSplit): Scorer {
  const counts = countDemographics(split.trainingData);
  const score = (histories: readonly UserHistory[]) => {
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach(({ demographics }, b) => {
      scores.set(demographicPrior(counts, demographics) ?? counts.all.items, b * itemCount);
    });
    return scores;
  };
  return { name, itemCount, score };
}
