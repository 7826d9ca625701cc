/** A model's points as an .npz: movies.npy [I, d], movieIds.npy [I], tags.npy, tagIds.npy, and on
 *  request users.npy, userIds.npy. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { Database } from '../database/database';
import type { ModelStore } from '../experiments/model-store';
import type { Artifact } from '../models/artifact';
import type { MetricSpace } from '../models/metric-space';
import { historyOfItems, historyPages } from '../serving/states/history-cache';
import { encodeNpy, type NpyArray } from './npy';

/** The earliest date of the zip format: the same content is the same archive. */
const DATE = new Date(1980, 0, 1);

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
  const itemOf = new Map(Array.from(space.itemIds, (id, item) => [id, item]));
  const ids: number[] = [];
  const points: Float32Array[] = [];
  for await (const page of historyPages(database)) {
    for (const [userId, rated] of page) {
      const history = historyOfItems(rated, (movieId) => itemOf.get(movieId));
      if (history.items.length === 0) continue;
      ids.push(userId);
      points.push(space.userPoint(history));
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

/** A zip archive without compression, as `numpy.savez` writes one and `numpy.load` reads it. */
export function encodeZip(
  entries: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<Buffer> {
  const file = new ZipFile();
  for (const { name, bytes } of entries) file.addBuffer(bytes, name, { compress: false, mtime: DATE });
  file.end();
  return buffer(file.outputStream);
}
