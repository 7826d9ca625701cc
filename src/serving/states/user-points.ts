/** The points of all users with a history, for "who is like me": computed on first use, then kept
 *  up user by user. */

import { join } from 'node:path';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { PlainScan } from '../../numeric/scan';
import type { LiveModel } from '../models/live-model';
import { type HistoryRow, toUserRecord, type UserRecord } from './history-cache';
import { historyPages } from './history-pages';

export interface SimilarUserPoint {
  readonly userId: number;
  readonly distance: number;
}

const SQL = join(__dirname, 'sql');

/** Belongs to one model; another model needs another. The model is handed in as it stands over the
 *  catalog of the moment. */
export class UserPoints {
  private readonly userIds: number[] = [];
  private readonly rows = new Map<number, number>();
  /** [capacity, d]; rows of users without a point are NaN, which is near to nothing */
  private points: Float32Array;
  private readonly dirty = new Set<number>();
  private building: Promise<void> | undefined;
  private updating: Promise<void> = Promise.resolve();

  constructor(private readonly database: Database) {
    this.points = new Float32Array(0);
  }

  /** The user's history is read again before the next answer. */
  historyChanged(userId: number): void {
    this.dirty.add(userId);
  }

  /** @param point [d], the asking user's own
   *  @returns the k nearest other users, nearest first */
  async nearest(
    model: LiveModel,
    point: Float32Array,
    userId: number,
    k: number,
  ): Promise<SimilarUserPoint[]> {
    this.building ??= this.build(model).catch((error: unknown) => {
      this.building = undefined;
      throw error;
    });
    await this.building;
    this.updating = this.updating.catch(() => undefined).then(() => this.update(model));
    await this.updating;
    const d = model.space.embeddingSize;
    const scan = new PlainScan(this.points.subarray(0, this.userIds.length * d), d);
    const { rows, distances } = scan.nearest(point, k + 1);
    const others = Array.from(rows, (row, i) => ({ userId: this.userIds[row], distance: distances[i] }));
    return others.filter((other) => other.userId !== userId).slice(0, k);
  }

  private async build(model: LiveModel): Promise<void> {
    for await (const page of historyPages(this.database))
      for (const record of page) this.place(model, record);
  }

  private async update(model: LiveModel): Promise<void> {
    for (const userId of [...this.dirty]) {
      this.dirty.delete(userId);
      try {
        const [row] = await this.database.query<HistoryRow>(sqlFile(SQL, 'history'), [userId]);
        if (row !== undefined) this.place(model, toUserRecord(row));
      } catch (error) {
        this.dirty.add(userId);
        throw error;
      }
    }
  }

  private place(model: LiveModel, record: UserRecord): void {
    const d = model.space.embeddingSize;
    let at = this.rows.get(record.userId);
    if (at === undefined) {
      at = this.userIds.push(record.userId) - 1;
      this.rows.set(record.userId, at);
      if (this.points.length < (at + 1) * d) {
        const larger = new Float32Array(Math.max(1024, 2 * at) * d);
        larger.set(this.points);
        this.points = larger;
      }
    }
    const point = model.userPoint(record);
    if (point === null) this.points.fill(Number.NaN, at * d, (at + 1) * d);
    else this.points.set(point, at * d);
  }
}
