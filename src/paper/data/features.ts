/** What a folder says of movies and users besides who watched what: genres and years, demographics,
 *  tags. */

import type { MovieRow, TaggingBatch, UserRow } from '../../datasets/release';
import { buildItemFeatures, buildTagLog, type TagRows } from '../../interactions/build';
import type { Demographics, InteractionLog, ItemFeatures, TagLog } from '../../interactions/interaction-log';

/** Movies outside of the log's catalogue are passed over. */
export function itemFeaturesOf(movies: readonly MovieRow[], { items }: InteractionLog): ItemFeatures {
  const known = movies.filter(({ id }) => items.indexOf(id) !== undefined);
  return buildItemFeatures(items, {
    itemId: known.map(({ id }) => id),
    genres: known.map(({ genres }) => genres),
    year: known.map(({ year }) => year),
  });
}

/** @returns one for each user of the log; null where nothing is known of anyone */
export function demographicsOf(
  users: readonly UserRow[] | undefined,
  log: InteractionLog,
): Demographics[] | null {
  if (users === undefined) return null;
  const byId = new Map(users.map(({ id, gender, age, occupation }) => [id, { gender, age, occupation }]));
  const nothing: Demographics = { gender: null, age: null, occupation: null };
  return Array.from(log.users.ids, (id) => byId.get(id) ?? nothing);
}

export interface Tags {
  readonly taggings: TagLog;
  /** By tag id, which is its place in the order of first use, from 1 */
  readonly names: ReadonlyMap<number, string>;
}

/** Tags that differ in case or outer spaces only are one; blank ones, and those on movies outside
 *  of the catalogue, are passed over. */
export async function tagsOf(batches: AsyncIterable<TaggingBatch>, log: InteractionLog): Promise<Tags> {
  const ids = new Map<string, number>();
  const rows: Record<keyof TagRows, number[]> = {
    userId: [],
    itemId: [],
    tagId: [],
    timestamp: [],
    ordinal: [],
  };
  for await (const batch of batches) {
    for (const { userId, movieId, tag, time, line } of batch.rows) {
      const name = tag.trim().toLowerCase();
      if (name === '' || log.items.indexOf(movieId) === undefined) continue;
      if (!ids.has(name)) ids.set(name, ids.size + 1);
      rows.userId.push(userId);
      rows.itemId.push(movieId);
      rows.tagId.push(ids.get(name)!);
      rows.timestamp.push(time);
      rows.ordinal.push(line);
    }
  }
  return { taggings: buildTagLog(rows, log), names: new Map(Array.from(ids, ([name, id]) => [id, name])) };
}
