/** Who rated what, for the users who are active: read by one statement on first use, forgotten as
 *  soon as it changed. */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import type { Demographics } from '../../interactions/interaction-log';

/** One user's ratings, oldest first. */
export interface RatedMovies {
  /** [h] movie ids */
  readonly movieIds: Int32Array;
  /** [h] stars */
  readonly stars: Float32Array;
  /** [h] seconds since 1970 */
  readonly timestamps: Float64Array;
  readonly demographics: Demographics | undefined;
}

export interface UserRecord extends RatedMovies {
  readonly userId: number;
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

/** A reading under way; it may only write to the cache while it is the one noted there. */
interface Load {
  result: Promise<UserRecord | null>;
}

const SQL = join(__dirname, 'sql');
/** A history of 150 ratings takes about 3 kB. */
const DEFAULT_USERS = 20_000;

export class HistoryCache {
  private readonly records: LRUCache<number, UserRecord>;
  private readonly loading = new Map<number, Load>();

  constructor(
    private readonly database: Database,
    options: { readonly maxUsers?: number } = {},
  ) {
    this.records = new LRUCache({ max: options.maxUsers ?? DEFAULT_USERS });
  }

  /** At once when it is in memory; else a promise, which concurrent callers share.
   *  @returns null for a user who does not exist */
  get(userId: number): UserRecord | Promise<UserRecord | null> {
    const record = this.records.get(userId);
    if (record !== undefined) return record;
    const underWay = this.loading.get(userId);
    if (underWay !== undefined) return underWay.result;
    const load: Load = { result: undefined as never };
    load.result = this.read(userId, load);
    this.loading.set(userId, load);
    return load.result;
  }

  /** The next `get` reads the user's history anew, even while an older reading is under way. */
  invalidate(userId: number): void {
    this.records.delete(userId);
    this.loading.delete(userId);
  }

  clear(): void {
    this.records.clear();
    this.loading.clear();
  }

  private async read(userId: number, load: Load): Promise<UserRecord | null> {
    try {
      const [row] = await this.database.query<HistoryRow>(sqlFile(SQL, 'history'), [userId]);
      const record = row === undefined ? null : toUserRecord(row);
      // Invalidated meanwhile: whoever waits gets what they asked for before the change, but it is
      // not kept.
      if (record !== null && this.loading.get(userId) === load) this.records.set(userId, record);
      return record;
    } finally {
      if (this.loading.get(userId) === load) this.loading.delete(userId);
    }
  }
}

export function toUserRecord(row: HistoryRow): UserRecord {
  return {
    userId: row.id,
    movieIds: Int32Array.from(row.movies ?? []),
    stars: Float32Array.from(row.stars ?? []),
    timestamps: Float64Array.from(row.times ?? []),
    demographics: { gender: row.gender, age: row.age, occupation: row.occupation },
  };
}

/** @param ratings.add    as if made now, in this order; of a movie that is rated already, or named
 *    twice, the last counts
 *  @param ratings.remove movie ids
 *  @returns the history as it would be */
export function imagine(
  rated: RatedMovies,
  ratings: {
    readonly add: readonly { readonly movieId: number; readonly value: number }[];
    readonly remove: readonly number[];
  },
): RatedMovies {
  const now = Date.now() / 1_000;
  const history = new Map(
    Array.from(rated.movieIds, (id, i) => [id, { stars: rated.stars[i], timestamp: rated.timestamps[i] }]),
  );
  for (const id of ratings.remove) history.delete(id);
  for (const { movieId, value } of ratings.add) {
    history.delete(movieId);
    history.set(movieId, { stars: value, timestamp: now });
  }
  const entries = [...history.values()];
  return {
    movieIds: Int32Array.from(history.keys()),
    stars: Float32Array.from(entries, ({ stars }) => stars),
    timestamps: Float64Array.from(entries, ({ timestamp }) => timestamp),
    demographics: rated.demographics,
  };
}
