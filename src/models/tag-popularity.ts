/** The most used tags: of everybody, of the user, of the item, and of both mixed (Jäschke et al.,
 *  PKDD 2007, section 3.1). */
import { z } from 'zod';
import { buildTagPosts } from '../interactions/tag-posts';
import { type Artifact, CorruptArtifactError } from './artifact';
import { arrayOf, assertKind, assertTagFit, settingsOf } from './checks';
import { defineSystem, type Model, type TagPair } from './system';
import { readTagIds, type TagIds, tagIdArrays, tagIdsOf } from './tag-tower/tag-ids';

const none = z.strictObject({});
const mixture = z.strictObject({
  userWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe("Weight of the user's shares; the item's have the rest."),
});

export const popularTags = popularity({
  name: 'POPULAR_TAGS',
  label: 'Popular tags',
  description: 'The most used tags, the same for every user and movie.',
  hyperparameters: none,
  weightsOf: () => [0, 0],
});
export const popularTagsByUser = popularity({
  name: 'POPULAR_TAGS_BY_USER',
  label: "User's popular tags",
  description: 'The tags that the user has used most.',
  hyperparameters: none,
  weightsOf: () => [1, 0],
});
export const popularTagsByItem = popularity({
  name: 'POPULAR_TAGS_BY_ITEM',
  label: "Movie's popular tags",
  description: 'The tags that the movie was given most often.',
  hyperparameters: none,
  weightsOf: () => [0, 1],
});
export const popularTagsMix = popularity({
  name: 'POPULAR_TAGS_MIX',
  label: 'Popular tags, mixed',
  description:
    "A weighted sum of each tag's shares among the user's and among the movie's taggings " +
    '(Jäschke et al., PKDD 2007). A tag model must beat it to be published.',
  hyperparameters: mixture,
  weightsOf: ({ userWeight }) => [userWeight, 1 - userWeight],
});

/** Far below the smallest difference of shares that decides: it settles ties. */
const TIE = 1e-6;

/** score(t) = w_u · share of t among the user's taggings + w_i · share of t among the item's, ties
 *  by all uses of t. */
function popularity<const Name extends string, Settings extends Record<string, unknown>>({
  name,
  label,
  description,
  hyperparameters,
  weightsOf,
}: {
  readonly name: Name;
  readonly label: string;
  readonly description: string;
  readonly hyperparameters: z.ZodType<Settings>;
  readonly weightsOf: (settings: Settings) => readonly [number, number];
}) {
  return defineSystem({
    name,
    label,
    description,
    task: 'TAGS',
    engine: false,
    seedless: true,
    servable: false,
    hyperparameters,
    async fit(data, settings, context) {
      context.signal.throwIfAborted();
      assertTagFit(data);
      const posts = buildTagPosts(data.taggings);
      const rows = Array.from(posts.user).flatMap((user, post) =>
        Array.from(posts.tags.subarray(posts.offsets[post], posts.offsets[post + 1]), (tag) => [
          user,
          posts.item[post],
          tag,
        ]),
      );
      const column = (at: number): Int32Array => Int32Array.from(rows, (row) => row[at]);
      context.onProgress(1);
      const taggings = { users: column(0), items: column(1), tags: column(2), ids: tagIdsOf(data) };
      return modelOf(name, weightsOf(settings), settings, taggings);
    },
    load(artifact) {
      assertKind(artifact, name);
      const [users, items, tags] = ['users', 'items', 'tags'].map(
        (array) => arrayOf(artifact, array, 'int32', 1).data,
      );
      const ids = readTagIds(artifact);
      const isWithin = (rows: Int32Array, least: number, count: number) =>
        rows.every((row) => row >= least && row < count);
      const isSound =
        isWithin(users, -1, ids.users.length) &&
        isWithin(items, -1, ids.items.length) &&
        isWithin(tags, 0, ids.tags.length);
      if (users.length !== tags.length || items.length !== tags.length || !isSound) {
        throw new CorruptArtifactError('The taggings have inconsistent shapes.');
      }
      const settings = settingsOf(artifact, hyperparameters);
      return modelOf(name, weightsOf(settings), settings, { users, items, tags, ids });
    },
  });
}

/** One row a tagging */
interface Taggings {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly tags: Int32Array;
  readonly ids: TagIds;
}

function modelOf(
  name: string,
  [userWeight, itemWeight]: readonly [number, number],
  settings: Record<string, unknown>,
  { users, items, tags, ids }: Taggings,
): Model<'TAGS'> & { readonly ids: TagIds } {
  const tagCount = ids.tags.length;
  const [tagsOfUser, tagsOfItem] = [groupsOf(users, tags), groupsOf(items, tags)];
  const uses = new Float32Array(tagCount);
  for (const tag of tags) uses[tag]++;
  const most = uses.reduce((top, count) => Math.max(top, count), 1);
  return {
    name,
    itemCount: tagCount,
    ids,
    space: null,
    score(pairs: readonly TagPair[]): Float32Array {
      const scores = new Float32Array(pairs.length * tagCount);
      pairs.forEach(({ user, item }, row) => {
        const own = Float64Array.from(uses, (count) => (TIE * count) / most);
        for (const [list, weight] of [
          [tagsOfUser.get(user) ?? [], userWeight],
          [tagsOfItem.get(item) ?? [], itemWeight],
        ] as const) {
          for (const tag of list) own[tag] += weight / list.length;
        }
        scores.set(own, row * tagCount);
      });
      return scores;
    },
    save(): Artifact {
      const column = (data: Int32Array) => ({ data, shape: [data.length] });
      return {
        kind: name,
        format: 1,
        settings,
        arrays: { users: column(users), items: column(items), tags: column(tags), ...tagIdArrays(ids) },
      };
    },
  };
}

/** Rows of unknown users are skipped. */
function groupsOf(owners: Int32Array, tags: Int32Array): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  owners.forEach((owner, row) => {
    if (owner < 0) return;
    const group = groups.get(owner);
    if (group) group.push(tags[row]);
    else groups.set(owner, [tags[row]]);
  });
  return groups;
}
