/** Impressions: which films were shown to which user by which model. Buffered in memory and written
 *  in batches. */
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';

const SQL = join(__dirname, 'sql');
/** Lists in memory at most; more than some seconds of full load. */
const CAPACITY = 50_000;
const LISTS_A_STATEMENT = 2_000;

export interface Impression {
  readonly splitId: number;
  readonly modelId: number;
  readonly userId: number;
  readonly source: string;
  /** Best first. */
  readonly movieIds: readonly number[];
}

interface Noted extends Impression {
  /** performance.now() of the first time. */
  readonly at: number;
  times: number;
}

export interface ImpressionLogOptions {
  readonly capacity?: number;
  readonly warn: (message: string) => void;
}

export class ImpressionLog {
  private noted: Noted[] = [];
  /** The last list of each user that waits: the same list asked for again is one row. */
  private latest = new Map<number, Noted>();
  private writing: Promise<void> = Promise.resolve();
  private lostLists = 0;
  private readonly capacity: number;

  constructor(
    private readonly database: Database,
    private readonly options: ImpressionLogOptions,
  ) {
    this.capacity = options.capacity ?? CAPACITY;
  }

  /** Lists that were not noted since the database could not keep up or was away. */
  get lost(): number {
    return this.lostLists;
  }

  /** Neither waits nor throws. */
  note(impression: Impression): void {
    if (impression.movieIds.length === 0) return;
    const last = this.latest.get(impression.userId);
    if (last !== undefined && isSame(last, impression)) {
      last.times++;
      return;
    }
    if (this.noted.length >= this.capacity) {
      if (this.lostLists++ === 0)
        this.options.warn(
          `${this.capacity} impressions are waiting to be written; further ones are dropped.`,
        );
      return;
    }
    const noted = { ...impression, at: performance.now(), times: 1 };
    this.noted.push(noted);
    this.latest.set(impression.userId, noted);
  }

  /** Writes what waits. What cannot be written waits on.
   *  @throws database errors */
  flush(): Promise<void> {
    const turn = this.writing.then(() => this.write());
    this.writing = turn.catch(() => undefined);
    return turn;
  }

  private async write(): Promise<void> {
    const batch = this.noted;
    this.noted = [];
    this.latest = new Map(); // what is being written takes no more
    for (let from = 0; from < batch.length; from += LISTS_A_STATEMENT) {
      try {
        await this.insert(batch.slice(from, from + LISTS_A_STATEMENT));
      } catch (error) {
        this.noted = [...batch.slice(from), ...this.noted];
        throw error;
      }
    }
  }

  private async insert(lists: readonly Noted[]): Promise<void> {
    const now = performance.now();
    await this.database.query(sqlFile(SQL, 'insert-impressions'), [
      lists.map(({ splitId }) => splitId),
      lists.map(({ modelId }) => modelId),
      lists.map(({ userId }) => userId),
      lists.map(({ at }) => now - at),
      lists.map(({ times }) => times),
      lists.map(({ source }) => source),
      lists.map(({ movieIds }) => `{${movieIds.join()}}`),
    ]);
  }
}

function isSame(one: Impression, other: Impression): boolean {
  if (one.modelId !== other.modelId || one.splitId !== other.splitId || one.source !== other.source)
    return false;
  const { movieIds } = one;
  return movieIds.length === other.movieIds.length && movieIds.every((id, at) => id === other.movieIds[at]);
}
