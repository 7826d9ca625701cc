/** Detects what other processes wrote, by one statement a second: NOTIFY does not reach everywhere
 *  (docs/serving.md). All times are the database's. */
import { join } from 'node:path';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';

const SQL = join(__dirname, 'sql');
/** A row's stamp is when its transaction began; it becomes visible when that commits, up to this
 *  much later. */
const OVERLAP_SECONDS = 10;

export interface Changes {
  readonly seeded: boolean;
  readonly tagsAdded: boolean;
  readonly movieIds: readonly number[];
  /** Users whose ratings or taggings changed. */
  readonly userIds: readonly number[];
}

/** A row's id and the seconds since 1970 when it changed. */
type Stamp = readonly [id: number, changedAt: number];

interface Observation {
  readonly seedingId: number;
  readonly tagId: number;
  readonly users: readonly Stamp[];
  readonly movies: readonly Stamp[];
  readonly now: number;
}

export class ChangeWatcher {
  private last: Observation | undefined;
  private readonly users = new StampedIds();
  private readonly movies = new StampedIds();

  constructor(private readonly database: Database) {}

  /** Changes count from here: call it before anything that is watched is read. */
  async begin(): Promise<void> {
    const far = Number.MAX_SAFE_INTEGER / 1e6;
    this.last = await this.observe(far, far);
    this.users.begin(this.last.now);
    this.movies.begin(this.last.now);
  }

  /** @returns what changed since the last call; a change may be reported twice, and none is missed
   *    that commits within 10 s */
  async poll(): Promise<Changes> {
    const now = await this.observe(this.users.since, this.movies.since);
    const changes = {
      seeded: now.seedingId !== this.last?.seedingId,
      tagsAdded: now.tagId !== this.last?.tagId,
      movieIds: this.movies.changed(now.movies),
      userIds: this.users.changed(now.users),
    };
    this.last = now;
    return changes;
  }

  private async observe(usersSince: number, moviesSince: number): Promise<Observation> {
    const [observation] = await this.database.query<Observation>(sqlFile(SQL, 'changes'), [
      usersSince,
      moviesSince,
    ]);
    return observation;
  }
}

/** Rows by the stamp of their last change: each stamp is reported once, although the window that is
 *  read overlaps the one before. */
class StampedIds {
  /** Where the next window begins. */
  since = 0;
  private latest = 0;
  private readonly reported = new Map<number, number>();

  begin(now: number): void {
    this.reported.clear();
    this.advance(now);
  }

  changed(stamps: readonly Stamp[]): number[] {
    const changed: number[] = [];
    let latest = this.latest;
    for (const [id, changedAt] of stamps) {
      latest = Math.max(latest, changedAt);
      if (this.reported.get(id) === changedAt) continue;
      this.reported.set(id, changedAt);
      changed.push(id);
    }
    this.advance(latest);
    return changed;
  }

  private advance(latest: number): void {
    this.latest = latest;
    this.since = latest - OVERLAP_SECONDS;
    for (const [id, changedAt] of this.reported) if (changedAt < this.since) this.reported.delete(id);
  }
}
