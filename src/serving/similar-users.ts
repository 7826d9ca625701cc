/** "Who is like me": the users nearest to a viewer, in the model from which the viewer is answered.
 *  The points of all users with a history are computed on first use, and then kept up to date user
 *  by user. */
import { SQL, type UserRow } from '../catalog/loaders';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { PlainScan } from '../numeric/scan';
import type { LiveModel } from './models/live-model';
import type { Viewer } from './ranker/ranking';
import { historyPages, type MovieHistory, readHistory } from './states/history-cache';

export interface SimilarUser {
  readonly user: UserRow;
  /** Euclidean, of the two users' points */
  readonly distance: number;
}

export class SimilarUsers {
  private readonly pointsByModel = new Map<number, UserPoints>();

  constructor(private readonly database: Database) {}

  /** The first question to a model reads all histories once.
   *  @returns the k nearest other users, nearest first; empty for someone without a point */
  async near(viewer: Viewer, userId: number, k: number): Promise<SimilarUser[]> {
    const { model } = viewer.state;
    if (model === null || viewer.point === null) return [];
    let points = this.pointsByModel.get(model.modelId);
    if (points === undefined) {
      points = new UserPoints(this.database);
      this.pointsByModel.set(model.modelId, points);
    }
    const near = await points.nearest(model, viewer.point, k + 1);
    const others = near.filter((other) => other.userId !== userId).slice(0, k);
    const users = await this.database.query<UserRow>(sqlFile(SQL, 'users-by-id'), [
      others.map((other) => other.userId),
    ]);
    const byId = new Map(users.map((user) => [user.id, user]));
    return others.flatMap((other) => {
      const user = byId.get(other.userId);
      return user ? [{ user, distance: other.distance }] : [];
    });
  }

  /** The user's point is computed again before the next answer. */
  historyChanged(userId: number): void {
    for (const points of this.pointsByModel.values()) points.historyChanged(userId);
  }

  /** Drops the points of users in other models. */
  hold(modelIds: readonly number[]): void {
    for (const modelId of this.pointsByModel.keys())
      if (!modelIds.includes(modelId)) this.pointsByModel.delete(modelId);
  }
}

/** Belongs to one model, which each call gets as it is over the catalog of the moment. */
class UserPoints {
  private readonly userIds: number[] = [];
  private readonly rows = new Map<number, number>();
  /** [capacity, d]; rows of users without a point are NaN, which is near to nothing */
  private points = new Float32Array(0);
  private readonly dirty = new Set<number>();
  private building: Promise<void> | undefined;
  private updating: Promise<void> = Promise.resolve();

  constructor(private readonly database: Database) {}

  historyChanged(userId: number): void {
    this.dirty.add(userId);
  }

  /** @param point [d] @returns the k nearest users, nearest first */
  async nearest(
    model: LiveModel,
    point: Float32Array,
    k: number,
  ): Promise<{ readonly userId: number; readonly distance: number }[]> {
    this.building ??= this.build(model).catch((error: unknown) => {
      this.building = undefined;
      throw error;
    });
    await this.building;
    this.updating = this.updating.catch(() => undefined).then(() => this.update(model));
    await this.updating;
    const d = model.space.embeddingSize;
    const scan = new PlainScan(this.points.subarray(0, this.userIds.length * d), d);
    const { rows, distances } = scan.nearest(point, k);
    return rows.map((row, i) => ({ userId: this.userIds[row], distance: distances[i] }));
  }

  private async build(model: LiveModel): Promise<void> {
    for await (const page of historyPages(this.database))
      for (const [userId, history] of page) this.place(model, userId, history);
  }

  private async update(model: LiveModel): Promise<void> {
    for (const userId of [...this.dirty]) {
      this.dirty.delete(userId);
      try {
        const history = await readHistory(this.database, userId);
        if (history !== null) this.place(model, userId, history);
      } catch (error) {
        this.dirty.add(userId);
        throw error;
      }
    }
  }

  private place(model: LiveModel, userId: number, history: MovieHistory): void {
    const d = model.space.embeddingSize;
    let at = this.rows.get(userId);
    if (at === undefined) {
      at = this.userIds.push(userId) - 1;
      this.rows.set(userId, at);
      if (this.points.length < (at + 1) * d) {
        const larger = new Float32Array(Math.max(1024, 2 * at) * d);
        larger.set(this.points);
        this.points = larger;
      }
    }
    const point = model.userPoint(history);
    if (point === null) this.points.fill(Number.NaN, at * d, (at + 1) * d);
    else this.points.set(point, at * d);
  }
}
