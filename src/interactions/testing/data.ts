/** Training data for tests: from lists of histories, and the embedded MovieLens release. */

import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../build';
import type { TrainingData } from '../interaction-log';

export interface TestTagging {
  readonly user: number;
  readonly item: number;
  readonly tag: number;
}

/** User u (id u + 1) interacted with histories[u] in that order; item and tag ids are as given.
 *  @param itemCount the catalogue has the ids 0 .. itemCount - 1 */
export function dataOf(
  histories: readonly (readonly number[])[],
  itemCount: number,
  taggings: readonly TestTagging[] = [],
): TrainingData {
  const rows = histories.flatMap((items, user) =>
    items.map((item, ordinal) => ({ userId: user + 1, item, ordinal })),
  );
  const interactions = buildInteractionLog(
    {
      userId: rows.map((row) => row.userId),
      itemId: rows.map((row) => row.item),
      value: rows.map(() => 4),
      timestamp: rows.map((row) => 1_000_000 + row.ordinal),
      ordinal: rows.map((row) => row.ordinal),
    },
    {
      itemIds: Array.from({ length: itemCount }, (_, item) => item),
      userIds: histories.map((_, user) => user + 1),
    },
  );
  const itemFeatures = buildItemFeatures(interactions.items, {
    itemId: Array.from(interactions.items.ids),
    genres: Array.from(interactions.items.ids, (id) => [id % 2 === 0 ? 'Even' : 'Odd']),
    year: Array.from(interactions.items.ids, () => 2000),
  });
  const tagLog = buildTagLog(
    {
      userId: taggings.map((tagging) => tagging.user),
      itemId: taggings.map((tagging) => tagging.item),
      tagId: taggings.map((tagging) => tagging.tag),
      timestamp: taggings.map((_, at) => at),
      ordinal: taggings.map(() => 0),
    },
    interactions,
  );
  return { interactions, itemFeatures, taggings: tagLog, demographics: null };
}
