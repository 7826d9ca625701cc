/** A model's points as an .npz: movies.npy [I, d], movieIds.npy [I], tags.npy, tagIds.npy, and on
 *  request users.npy, userIds.npy. */
import type { Database } from '../database/database';
import type { ModelStore } from '../experiments/model-store';
import type { Artifact } from '../models/artifact';
import type { MetricSpace } from '../models/metric-space';
import type { UserRecord } from '../serving/states/history-cache';
import { historyPages } from '../serving/states/history-pages';
import { encodeNpy, type NpyArray } from './npy';
import { encodeZip } from './zip';

export interface ModelPointsOptions {
  readonly database: Database;
  readonly models: ModelStore;
  readonly readSpace: (artifact: Artifact) => MetricSpace;
}

/** @param withUsers also the points of all users, from today's ratings of the movies that the model
 *    was trained with
 *  @throws NotFoundError, ModelNotServableError, CorruptArtifactError */
export async function encodeModelPoints(
  options: ModelPointsOptions,
  modelId: number,
  withUsers: boolean,
): Promise<Buffer> {
  const { database, models, readSpace } = options;
  await models.requireServable(modelId, 'MOVIES');
  const space = readSpace(await models.loadArtifact(modelId));
  const { itemIds, itemPoints, tagIds, tagPoints, embeddingSize: d } = space;
  const arrays: Record<string, NpyArray> = {
    movies: { data: itemPoints, shape: [itemIds.length, d] },
    movieIds: { data: itemIds, shape: [itemIds.length] },
    tags: { data: tagPoints, shape: [tagIds.length, d] },
    tagIds: { data: tagIds, shape: [tagIds.length] },
    ...(withUsers && (await usersOf(database, space))),
  };
  return encodeZip(
    Object.entries(arrays).map(([name, array]) => ({ name: `${name}.npy`, bytes: encodeNpy(array) })),
  );
}

async function usersOf(
  database: Database,
  space: MetricSpace,
): Promise<Record<'users' | 'userIds', NpyArray>> {
  const rowOf = new Map(Array.from(space.itemIds, (id, row) => [id, row]));
  const ids: number[] = [];
  const points: Float32Array[] = [];
  for await (const page of historyPages(database)) {
    for (const record of page) {
      const point = pointOf(space, rowOf, record);
      if (point === null) continue;
      ids.push(record.userId);
      points.push(point);
    }
  }
  const d = space.embeddingSize;
  const users = new Float32Array(ids.length * d);
  for (const [row, point] of points.entries()) users.set(point, row * d);
  return {
    users: { data: users, shape: [ids.length, d] },
    userIds: { data: Int32Array.from(ids), shape: [ids.length] },
  };
}

function pointOf(
  space: MetricSpace,
  rowOf: ReadonlyMap<number, number>,
  record: UserRecord,
): Float32Array | null {
  const kept = [...record.movieIds.keys()].filter((at) => rowOf.has(record.movieIds[at]));
  if (kept.length === 0) return null;
  return space.userPoint({
    items: Int32Array.from(kept, (at) => rowOf.get(record.movieIds[at])!),
    values: Float32Array.from(kept, (at) => record.stars[at]),
    timestamps: Float64Array.from(kept, (at) => record.timestamps[at]),
    demographics: record.demographics,
  });
}
