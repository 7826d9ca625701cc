/** A catalogue small enough to check by hand or by finite differences; for tests. */
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../../interactions/build';
import type { TrainingData } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';

const RATINGS_PER_USER = 10;
const DAY = 86_400;

/** Even users watch even movies and odd users odd ones, in random order; genres and tags go with
 *  it. User ids are 100 + u, movie ids 1000 + i, tag ids 50 and 51. */
export function checkerboard(options: {
  users: number;
  items: number;
  tagged?: boolean;
  demographics?: boolean;
  seed?: number;
}): TrainingData {
  const random = new Random(options.seed ?? 1);
  const rows: [user: number, item: number, at: number][] = [];
  for (let user = 0; user < options.users; user++) {
    const own = Int32Array.from({ length: Math.floor(options.items / 2) }, (_, n) => 2 * n + (user % 2));
    random
      .shuffle(own)
      .subarray(0, RATINGS_PER_USER)
      .forEach((item, at) => {
        rows.push([user, item, at]);
      });
  }
  const itemIds = Int32Array.from({ length: options.items }, (_, item) => 1000 + item);
  const ordinal = rows.map((_, row) => row);
  const timestamp = rows.map(([, , at]) => at * DAY);
  const userId = rows.map(([user]) => 100 + user);
  const itemId = rows.map(([, item]) => 1000 + item);
  const value = rows.map((_, row) => [5, 4, 0, 3.5][row % 4]);
  const interactions = buildInteractionLog({ userId, itemId, value, timestamp, ordinal }, { itemIds });
  const tagRows = options.tagged ? rows.filter((_, row) => row % 3 === 0) : [];
  const taggings = buildTagLog(
    {
      userId: tagRows.map(([user]) => 100 + user),
      itemId: tagRows.map(([, item]) => 1000 + item),
      tagId: tagRows.map(([, item]) => 50 + (item % 2)),
      timestamp: tagRows.map(([, , at]) => at * DAY),
      ordinal: tagRows.map((_, row) => row),
    },
    interactions,
  );
  const itemFeatures = buildItemFeatures(interactions.items, {
    itemId: itemIds,
    genres: Array.from(itemIds, (id) => [id % 2 === 0 ? 'Even' : 'Odd']),
    year: Array.from(itemIds, (id) => (id % 5 === 0 ? null : 1930 + ((id * 7) % 90))),
  });
  const demographics = options.demographics
    ? Array.from({ length: options.users }, (_, user) => ({
        gender: user % 2 ? 'F' : 'M',
        age: user % 3 ? 25 : null,
        occupation: null,
      }))
    : null;
  return { interactions, itemFeatures, taggings, demographics };
}
