/** Taggings gathered into posts: all the tags that one user put on one item. */
import type { TagLog } from './interaction-log';

/** Post p: tags[offsets[p] .. offsets[p+1]], each once, put by user[p] on item[p]. In the order in
 *  which the posts begin. */
export interface TagPosts {
  /** [P] dense, -1 where unknown */
  readonly user: Int32Array;
  /** [P] dense, -1 where unknown */
  readonly item: Int32Array;
  /** [P + 1] */
  readonly offsets: Int32Array;
  /** dense tag index */
  readonly tags: Int32Array;
}

/** A tagging of an unknown user is a separate post. */
export function buildTagPosts({
  userIndex,
  itemIndex,
  tagIndex,
}: Pick<TagLog, 'userIndex' | 'itemIndex' | 'tagIndex'>): TagPosts {
  const posts = new Map<
    string,
    { readonly user: number; readonly item: number; readonly tags: Set<number> }
  >();
  tagIndex.forEach((tag, row) => {
    const [user, item] = [userIndex[row], itemIndex[row]];
    const key = user < 0 ? `row ${row}` : `${user} ${item}`;
    const post = posts.get(key) ?? { user, item, tags: new Set<number>() };
    post.tags.add(tag);
    posts.set(key, post);
  });
  const list = [...posts.values()];
  const offsets = new Int32Array(list.length + 1);
  list.forEach(({ tags }, post) => {
    offsets[post + 1] = offsets[post] + tags.size;
  });
  return {
    user: Int32Array.from(list, ({ user }) => user),
    item: Int32Array.from(list, ({ item }) => item),
    offsets,
    tags: Int32Array.from(list.flatMap(({ tags }) => [...tags])),
  };
}
