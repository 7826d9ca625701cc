/** The points of all users with a history, for "who is like me": computed on first use, then kept up user by user. */

import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { PlainScan } from '../numeric/scan';
import { type HistoryRow, toUserRecord } from './history-cache';
import type { LiveModel } from './live-model';

export interface SimilarUserPoint {
  readonly userId: number;
  readonly distance: number;
}

const SQL = join(__dirname, 'sql');
/** Users read by one statement: some 50,000 ratings. */
const PAGE_USERS = 300;

/** Belongs to one model; another model needs another. */
export class UserPoints {
  private readonly userIds: number[] = [];
  private readonly rows = new Map<number, number>();
  /** [capacity, d]; rows of users without a point are NaN, which is near to nothing */
  private points: Float32Array;
  private readonly dirty = new Set<number>();
  private building: Promise<void> | undefined;
  private updating: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly model: LiveModel,
  ) {
    this.points = new Float32Array(0);
  }

  get activationId(): number {
    return this.model.activationId;
  }

  /** The user's history is read again before the next answer. */
  historyChanged(userId: number): void {
    this.dirty.add(userId);
  }

  /** @param point [d], the asking user's own
   *  @returns the k nearest other users, nearest first */
  async nearest(point: Float32Array, userId: number, k: number): Promise<SimilarUserPoint[]> {
    this.building ??= this.build().catch((error: unknown) => {
      this.building = undefined;
      throw error;
    });
    await this.building;
    this.updating = this.updating.catch(() => undefined).then(() => this.update());
    await this.updating;
    const d = this.model.space.embeddingSize;
    const scan = new PlainScan(this.points.subarray(0, this.userIds.length * d), d);
    const { rows, distances } = scan.nearest(point, k + 1);
    const others = Array.from(rows, (row, i) => ({ userId: this.userIds[row], distance: distances[i] }));
    return others.filter((other) => other.userId !== userId).slice(0, k);
  }

  private async build(): Promise<void> {
    for (let after = 0; ; ) {
      const page = await this.database.query<HistoryRow>(sqlFile(SQL, 'history-page'), [after, PAGE_USERS]);
      for (const row of page) this.place(row);
      if (page.length < PAGE_USERS) return;
      after = page[page.length - 1].id;
      await nextTurn();
    }
  }

  private async update(): Promise<void> {
    for (const userId of [...this.dirty]) {
      this.dirty.delete(userId);
      try {
        const [row] = await this.database.query<HistoryRow>(sqlFile(SQL, 'history'), [userId]);
        if (row !== undefined) this.place(row);
      } catch (error) {
        this.dirty.add(userId);
        throw error;
      }
    }
  }

  private place(row: HistoryRow): void {
    const d = this.model.space.embeddingSize;
    let at = this.rows.get(row.id);
    if (at === undefined) {
      at = this.userIds.push(row.id) - 1;
      this.rows.set(row.id, at);
      if (this.points.length < (at + 1) * d) {
        const larger = new Float32Array(Math.max(1024, 2 * at) * d);
        larger.set(this.points);
        this.points = larger;
      }
    }
    const point = this.model.userPoint(toUserRecord(row));
    if (point === null) this.points.fill(Number.NaN, at * d, (at + 1) * d);
    else this.points.set(point, at * d);
  }
}
