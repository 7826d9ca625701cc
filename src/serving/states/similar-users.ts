/** "Who is like me": the users nearest to a viewer, in the model from which the viewer is
 *  answered. */
import { join } from 'node:path';
import { User } from '../../catalog/user.entity';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import type { Viewer } from '../ranker/ranking';
import { UserPoints } from './user-points';

export interface SimilarUser {
  readonly user: User;
  /** Euclidean, of the two users' points */
  readonly distance: number;
}

const SQL = join(__dirname, 'sql');

export class SimilarUsers {
  private readonly pointsByModel = new Map<number, UserPoints>();

  constructor(private readonly database: Database) {}

  /** The first question of a model reads all histories once.
   *  @returns the k nearest other users, nearest first; empty for someone without a point */
  async near(viewer: Viewer, userId: number, k: number): Promise<SimilarUser[]> {
    const { model } = viewer.state;
    if (model === null || viewer.point === null) return [];
    let points = this.pointsByModel.get(model.modelId);
    if (points === undefined) {
      points = new UserPoints(this.database);
      this.pointsByModel.set(model.modelId, points);
    }
    const near = await points.nearest(model, viewer.point, userId, k);
    const users = await this.database.query<Partial<User>>(sqlFile(SQL, 'users-by-id'), [
      near.map((other) => other.userId),
    ]);
    const byId = new Map(users.map((user) => [user.id, Object.assign(new User(), user)]));
    return near.flatMap((other) => {
      const user = byId.get(other.userId);
      return user ? [{ user, distance: other.distance }] : [];
    });
  }

  /** Their point is computed again before the next answer. */
  historyChanged(userId: number): void {
    for (const points of this.pointsByModel.values()) points.historyChanged(userId);
  }

  /** The points of users in other models are given up. */
  hold(modelIds: readonly number[]): void {
    for (const modelId of this.pointsByModel.keys())
      if (!modelIds.includes(modelId)) this.pointsByModel.delete(modelId);
  }
}
