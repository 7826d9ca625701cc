/** Who rated what, for the users who are active: one statement reads a history on first use, and a
 *  change discards it. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import type { Demographics, UserHistory } from '../../interactions/interaction-log';

/** One person's ratings by movie id, oldest first. */
export interface MovieHistory {
  /** [h] */
  readonly movieIds: Int32Array;
  /** [h] */
  readonly stars: Float32Array;
  /** [h] seconds since 1970; NaN where unknown */
  readonly timestamps: Float64Array;
  readonly demographics: Demographics | undefined;
}

export interface StarRating {
  readonly movieId: number;
  readonly value: number;
}

export interface HistoryRow {
  readonly id: number;
  readonly gender: string | null;
  readonly age: number | null;
  readonly occupation: string | null;
  readonly movies: number[] | null;
  readonly stars: number[] | null;
  readonly times: number[] | null;
}

const SQL = join(__dirname, 'sql');
/** A history of 150 ratings takes about 3 kB. */
const DEFAULT_USERS = 20_000;
/** Users read by one statement: some 50,000 ratings. */
const PAGE_USERS = 300;

export class HistoryCache {
  private readonly histories: LRUCache<number, MovieHistory>;
  private readonly loading = new Map<number, Promise<MovieHistory | null>>();

  constructor(
    private readonly database: Database,
    { maxUsers = DEFAULT_USERS }: { readonly maxUsers?: number } = {},
  ) {
    this.histories = new LRUCache({ max: maxUsers });
  }

  /** Concurrent callers share one statement. @returns null for a user who does not exist */
  async get(userId: number): Promise<MovieHistory | null> {
    return this.histories.get(userId) ?? this.loading.get(userId) ?? this.load(userId);
  }

  /** The next `get` reads the user's history again, even while an older reading is under way. */
  invalidate(userId: number): void {
    this.histories.delete(userId);
    this.loading.delete(userId);
  }

  clear(): void {
    this.histories.clear();
    this.loading.clear();
  }

  private load(userId: number): Promise<MovieHistory | null> {
    const isCurrent = () => this.loading.get(userId) === loading;
    const loading = readHistory(this.database, userId)
      .then((history) => {
        // Invalidated while loading: the callers get the older result, and it is not cached.
        if (history !== null && isCurrent()) this.histories.set(userId, history);
        return history;
      })
      .finally(() => isCurrent() && this.loading.delete(userId));
    this.loading.set(userId, loading);
    return loading;
  }
}

/** @returns null for a user who does not exist */
export async function readHistory(database: Database, userId: number): Promise<MovieHistory | null> {
  const [row] = await database.query<HistoryRow>(sqlFile(SQL, 'history'), [userId]);
  return row === undefined ? null : toHistory(row);
}

/** All users who rated anything, by id, page by page; requests are answered between two pages. */
export async function* historyPages(
  database: Database,
): AsyncGenerator<(readonly [userId: number, history: MovieHistory])[]> {
  for (let after = 0; ; ) {
    const page = await database.query<HistoryRow>(sqlFile(SQL, 'history-page'), [after, PAGE_USERS]);
    if (page.length > 0) yield page.map((row) => [row.id, toHistory(row)]);
    if (page.length < PAGE_USERS) return;
    after = page[page.length - 1].id;
    await nextTurn();
  }
}

function toHistory({ movies, stars, times, gender, age, occupation }: HistoryRow): MovieHistory {
  return {
    movieIds: Int32Array.from(movies ?? []),
    stars: Float32Array.from(stars ?? []),
    timestamps: Float64Array.from(times ?? []),
    demographics: { gender, age, occupation },
  };
}

/** The same history as a model reads it: the ratings of movies that it has.
 *  @param itemOf a movie's row in the model; undefined or below 0 for a movie that it does not
 *  have */
export function historyOfItems(
  { movieIds, stars, timestamps, demographics }: MovieHistory,
  itemOf: (movieId: number) => number | undefined,
): UserHistory {
  const items = new Int32Array(movieIds.length);
  const values = new Float32Array(movieIds.length);
  const times = new Float64Array(movieIds.length);
  let kept = 0;
  for (let i = 0; i < movieIds.length; i++) {
    const item = itemOf(movieIds[i]) ?? -1;
    if (item < 0) continue;
    items[kept] = item;
    values[kept] = stars[i];
    times[kept++] = timestamps[i];
  }
  return {
    items: items.subarray(0, kept),
    values: values.subarray(0, kept),
    timestamps: times.subarray(0, kept),
    demographics,
  };
}

/** @param ratings.add    as if made now, in this order; of a movie that is rated already, or named
 *    twice, the last counts
 *  @param ratings.remove movie ids
 *  @returns the history as it would be */
export function imagine(
  history: MovieHistory,
  ratings: { readonly add: readonly StarRating[]; readonly remove: readonly number[] },
): MovieHistory {
  const now = Date.now() / 1_000;
  const { movieIds, stars, timestamps, demographics } = history;
  const rated = new Map(
    Array.from(movieIds, (id, i) => [id, { stars: stars[i], timestamp: timestamps[i] }]),
  );
  for (const id of ratings.remove) rated.delete(id);
  for (const { movieId, value } of ratings.add) {
    rated.delete(movieId);
    rated.set(movieId, { stars: value, timestamp: now });
  }
  const entries = [...rated.values()];
  return {
    movieIds: Int32Array.from(rated.keys()),
    stars: Float32Array.from(entries, (entry) => entry.stars),
    timestamps: Float64Array.from(entries, (entry) => entry.timestamp),
    demographics,
  };
}
