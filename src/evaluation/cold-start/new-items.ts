/** Accuracy by the number of known ratings of a new item: the cold items of COLD_ITEMS warm up
 *  rating by rating.
 *
 *  Of each cold item with enough ratings, n random ones are in training; the users after the
 *  twentieth in that random order must find it among these items only. The same items and the same
 *  users at every n; what is known at n is known at every larger one. */
import { setImmediate } from 'node:timers/promises';
import { historyOf } from '../../interactions/history';
import type { TrainingData } from '../../interactions/interaction-log';
import { type PreparedSplit, Role, rowsWith } from '../../interactions/splits';
import { type Model } from '../../models/system';
import { Random } from '../../numeric/random';
import { itemPopularity } from '../item-popularity';
import { Candidates, EVALUATION_SEED, tieStream } from '../ranking';
import { scoredBatches } from '../scoring';
import { type ColdStartRow, CURVE_METRICS, curveRows, KNOWN_RATINGS } from './curve';

/** Less than the newcomers' 20: a tenth of the catalogue's items compete at most. */
export const NEW_ITEMS_CUTOFF = 10;
const MOST_KNOWN = KNOWN_RATINGS[KNOWN_RATINGS.length - 1];
/** Leaves users to find an item even at the largest number of known ratings. */
const TO_FIND = 5;

export interface NewItemsPlan {
  /** Dense indices of the items, ascending: only they compete */
  readonly candidates: Int32Array;
  /** For each item its rows of the full log that may be known, MOST_KNOWN of them: the first n are
   *  known at n */
  readonly known: readonly Int32Array[];
  /** Dense index of each user who has a history without these items → the items to find, ascending
   *  by user */
  readonly truth: ReadonlyMap<number, ReadonlySet<number>>;
}

/** @param split by COLD_ITEMS
 *  @returns empty where no cold item of the test part has 25 ratings
 *  @throws RangeError for another split */
export function planNewItems(split: PreparedSplit, seed = EVALUATION_SEED): NewItemsPlan {
  if (split.scheme !== 'COLD_ITEMS')
    throw new RangeError(`New items require a split by COLD_ITEMS, not ${split.scheme}.`);
  const { full, trainingData } = split;
  const rowsOf = new Map(Array.from(split.parts.TEST.candidates ?? [], (item) => [item, [] as number[]]));
  full.itemIndex.forEach((item, row) => {
    rowsOf.get(item)?.push(row);
  });
  const random = new Random(seed);
  const films = [...rowsOf]
    .filter(([, rows]) => rows.length >= MOST_KNOWN + TO_FIND)
    .map(([item, rows]) => ({ item, rows: random.shuffle(rows) }));
  const itemToFind = new Map(
    films.flatMap(({ item, rows }) => rows.slice(MOST_KNOWN).map((row) => [row, item] as const)),
  );
  const truth = new Map<number, Set<number>>();
  const { offsets: trained } = trainingData.interactions;
  for (let user = 0; user < full.users.size; user++) {
    if (trained[user + 1] === trained[user]) continue;
    for (let row = full.offsets[user]; row < full.offsets[user + 1]; row++) {
      const item = itemToFind.get(row);
      if (item !== undefined) truth.set(user, (truth.get(user) ?? new Set()).add(item));
    }
  }
  return {
    candidates: Int32Array.from(films, ({ item }) => item).sort(),
    known: films.map(({ rows }) => Int32Array.from(rows.slice(0, MOST_KNOWN))),
    truth,
  };
}

/** @param known how many ratings of each new item are in training, 0 to 20
 *  @returns the split's training data with them; tags stay as they are without any. Same
 *    vocabularies as the split */
export function itemTrainingData(
  { full, roles, trainingData }: PreparedSplit,
  plan: NewItemsPlan,
  known: number,
): TrainingData {
  const more = roles.slice();
  for (const rows of plan.known) for (const row of rows.subarray(0, known)) more[row] = Role.TRAINING;
  return { ...trainingData, interactions: rowsWith(full, more, Role.TRAINING) };
}

/** @param model trained on `itemTrainingData` of the same plan and number
 *  @returns a row for each metric; none if no user has a held-out item
 *  @throws InvalidScoresError, AbortError on `signal` */
export async function measureNewItems(
  model: Model,
  split: PreparedSplit,
  plan: NewItemsPlan,
  { known, signal }: { readonly known: number; readonly signal?: AbortSignal },
): Promise<ColdStartRow[]> {
  const users = Int32Array.from(plan.truth.keys());
  if (users.length === 0) return [];
  const { interactions } = itemTrainingData(split, plan, known);
  const popularity = itemPopularity(interactions);
  const columns = Object.values(CURVE_METRICS).map(() => new Float32Array(users.length));
  const ranked = new Candidates(model.itemCount, plan.candidates);
  const before = (user: number) => historyOf(interactions, user, undefined, split.demographics?.[user]);
  for (const batch of scoredBatches(model, users, before)) {
    signal?.throwIfAborted();
    for (const { at, key: user, query, scores } of batch) {
      ranked.load(scores, query.items, tieStream(EVALUATION_SEED, split.full.users.ids[user]));
      const head = ranked.head(NEW_ITEMS_CUTOFF);
      Object.values(CURVE_METRICS).forEach((metric, m) => {
        columns[m][at] = metric.compute(head, plan.truth.get(user)!, NEW_ITEMS_CUTOFF, popularity);
      });
    }
    await setImmediate();
  }
  return curveRows({ knownRatings: known, k: NEW_ITEMS_CUTOFF }, columns, EVALUATION_SEED);
}
