/** Sees what other processes wrote, by asking once a second: NOTIFY does not reach everywhere (docs/serving.md).
 *  All times are the database's. */
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';

const SQL = join(__dirname, 'sql');
/** A row's stamp is when its transaction began; it becomes visible when that commits, up to this much later. */
const OVERLAP_SECONDS = 10;

export interface Changes {
  readonly seeded: boolean;
  readonly tagsAdded: boolean;
  readonly movieIds: readonly number[];
  /** Users whose ratings or taggings changed. */
  readonly userIds: readonly number[];
}

interface Version {
  readonly seedingId: number;
  readonly tagId: number;
  readonly movieChangedAt: number;
  readonly now: number;
}

export class ChangeWatcher {
  private version: Version | undefined;
  private readonly users: StampedIds;
  private readonly movies: StampedIds;

  constructor(private readonly database: Database) {
    this.users = new StampedIds(database, 'changed-histories');
    this.movies = new StampedIds(database, 'changed-movies');
  }

  /** Call it before the first reading of what is watched: changes count from here. */
  async begin(): Promise<void> {
    this.version = await this.readVersion();
    this.users.begin(this.version.now);
    this.movies.begin(this.version.now);
  }

  /** @returns what changed since the last call; a change may be told twice, none is left out that commits within 10 s */
  async poll(): Promise<Changes> {
    const before = this.version;
    const now = await this.readVersion();
    const userIds = await this.users.changed();
    // A movie's own stamp says whether the list is worth asking for.
    const movieIds = now.movieChangedAt > 0 ? await this.movies.changed() : [];
    this.version = now;
    return {
      seeded: now.seedingId !== before?.seedingId,
      tagsAdded: now.tagId !== before?.tagId,
      movieIds,
      userIds,
    };
  }

  private async readVersion(): Promise<Version> {
    const [version] = await this.database.query<Version>(sqlFile(SQL, 'catalog-version'));
    return version;
  }
}

/** Rows by the stamp of their last change: each stamp is told once, though the window that is read overlaps the one before. */
class StampedIds {
  private since = 0;
  private readonly told = new Map<number, number>();

  constructor(
    private readonly database: Database,
    private readonly statement: string,
  ) {}

  begin(now: number): void {
    this.since = now;
    this.told.clear();
  }

  async changed(): Promise<number[]> {
    const rows = await this.database.query<{ id: number; changedAt: number }>(sqlFile(SQL, this.statement), [this.since - OVERLAP_SECONDS]);
    const changed: number[] = [];
    for (const { id, changedAt } of rows) {
      this.since = Math.max(this.since, changedAt);
      if (this.told.get(id) === changedAt) continue;
      this.told.set(id, changedAt);
      changed.push(id);
    }
    for (const [id, changedAt] of this.told) if (changedAt < this.since - OVERLAP_SECONDS) this.told.delete(id);
    return changed;
  }
}
