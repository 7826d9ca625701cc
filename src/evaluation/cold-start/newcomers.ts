/** Accuracy by the number of known ratings of a new user: "Given n" of Breese, Heckerman and Kadie
 *  (UAI 1998), in the order of time.
 *
 *  Of each user who is not in training, the first n ratings are known and the next ten are to be
 *  found in the whole catalogue without the known ones: what somebody gets who rated n films a
 *  minute ago. The same users at every n. With n = 0 no system knows anything, and all get what the
 *  server answers then: popularity, within the demographic groups where they are known. */
import { setImmediate } from 'node:timers/promises';
import { countDemographics, demographicPrior } from '../../interactions/demographic-prior';
import { historyOf } from '../../interactions/history';
import type { UserHistory } from '../../interactions/interaction-log';
import type { PreparedSplit, SplitName } from '../../interactions/splits';
import type { RankingModel } from '../../models/algorithm';
import { Random } from '../../numeric/random';
import { Field } from '../field';
import { type ItemPopularity, itemPopularity } from '../item-popularity';
import { EVALUATION_SEED, tieStream } from '../ranking';
import { batchSize, scoreBatch } from '../scoring';
import { type ColdStartRow, CURVE_METRICS, curveRows, KNOWN_RATINGS } from './curve';

export const COLD_START_CUTOFF = 20;
const TO_FIND = 10;
/** Enough for intervals of a point; more would make the measurement long beside the training. */
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
  model: RankingModel,
  split: PreparedSplit,
  options: NewcomerOptions = {},
): Promise<ColdStartRow[]> {
  if (split.scheme !== 'NEW_USERS')
    throw new RangeError(`Newcomers are measured on a split by NEW_USERS, this one is by ${split.scheme}.`);
  const { part = 'TEST', seed = EVALUATION_SEED, signal } = options;
  const users = newcomersOf(split, part, seed);
  if (users.length === 0) return [];
  const context = {
    model,
    split,
    users,
    seed,
    prior: priorOf(split),
    popularity: itemPopularity(split.trainingData.interactions),
  };
  const rows: ColdStartRow[] = [];
  for (const known of KNOWN_RATINGS) {
    const columns = await measureAt(known, context, signal);
    rows.push(...curveRows({ knownRatings: known, k: COLD_START_CUTOFF }, columns, seed));
  }
  return rows;
}

interface Context {
  readonly model: RankingModel;
  readonly split: PreparedSplit;
  /** [U] */
  readonly users: Int32Array;
  readonly seed: number;
  readonly prior: (user: number) => Float32Array;
  readonly popularity: ItemPopularity;
}

/** @returns a column of [U] for each of CURVE_METRICS */
async function measureAt(
  known: number,
  context: Context,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const { model, split, users, seed, prior, popularity } = context;
  const { offsets, itemIndex } = split.full;
  const columns = Object.values(CURVE_METRICS).map(() => new Float32Array(users.length));
  const field = new Field(model.itemCount, null);
  const size = batchSize(model.itemCount);
  for (let from = 0; from < users.length; from += size) {
    signal?.throwIfAborted();
    const batch = users.subarray(from, from + size);
    const histories = Array.from(batch, (user) => historyOfNew(split, user, known));
    const scores = known === 0 ? null : scoreBatch(model, histories);
    batch.forEach((user, b) => {
      const own = scores?.subarray(b * model.itemCount, (b + 1) * model.itemCount) ?? prior(user);
      field.enter(own, histories[b].items, tieStream(seed, split.full.users.ids[user]));
      const head = field.head(COLD_START_CUTOFF);
      const relevant = new Set(itemIndex.subarray(offsets[user] + known, offsets[user] + known + TO_FIND));
      Object.values(CURVE_METRICS).forEach((metric, m) => {
        columns[m][from + b] = metric.compute(head, relevant, COLD_START_CUTOFF, popularity);
      });
    });
    await setImmediate();
  }
  return columns;
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

/** @returns what the server ranks by for somebody without a rating. [I] */
function priorOf(split: PreparedSplit): (user: number) => Float32Array {
  const counts = countDemographics(split.trainingData);
  const popular = Float32Array.from(counts.all.items);
  return (user) => {
    const prior = demographicPrior(counts, split.demographics?.[user]);
    return prior === null ? popular : Float32Array.from(prior);
  };
}
