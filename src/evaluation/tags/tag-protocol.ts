/** The split for tag recommendation: a random post of each user is held out, and all tags are
 *  ranked for it (Rendle and Schmidt-Thieme, WSDM 2010, section 6.1). */

import type { TagLog } from '../../interactions/interaction-log';
import type { SplitName } from '../../interactions/splits';
import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import type { TagTrainingData } from '../../models/system';
import { Random } from '../../numeric/random';

/** A post that the model has not seen. */
export interface HeldOutPost {
  readonly user: number;
  readonly item: number;
  readonly tags: ReadonlySet<number>;
}

export interface TagSplit {
  readonly trainingData: TagTrainingData;
  /** TEST: one post of each user with two or more. VALIDATION: another one of each user with three
   *  or more. */
  readonly parts: Readonly<Record<SplitName, readonly HeldOutPost[]>>;
}

export interface TagSplitOptions {
  /** Of the choice of posts, drawn for each user alone. */
  readonly seed?: number;
  /** False: the validation posts stay in training, and are not measured. */
  readonly validation?: boolean;
}

/** @returns posts in ascending order of user */
export function prepareTagSplit(
  { taggings, users, items }: TagTrainingData,
  { seed = 1, validation: holdsOut = true }: TagSplitOptions = {},
): TagSplit {
  const posts = buildTagPosts(taggings);
  const postsOfUser = new Map<number, number[]>();
  posts.user.forEach((user, post) => {
    if (user >= 0) postsOfUser.set(user, [...(postsOfUser.get(user) ?? []), post]);
  });
  const [test, validation]: [number[], number[]] = [[], []];
  for (const [user, own] of [...postsOfUser].sort(([a], [b]) => a - b)) {
    if (own.length < 2) continue;
    const [first, second] = new Random(seed, user).shuffle(own);
    test.push(first);
    if (own.length >= 3 && holdsOut) validation.push(second);
  }
  return {
    trainingData: { users, items, taggings: withoutPosts(taggings, posts, [...test, ...validation]) },
    parts: {
      VALIDATION: validation.map((post) => heldOut(posts, post)),
      TEST: test.map((post) => heldOut(posts, post)),
    },
  };
}

function heldOut({ user, item, offsets, tags }: TagPosts, post: number): HeldOutPost {
  return {
    user: user[post],
    item: item[post],
    tags: new Set(tags.subarray(offsets[post], offsets[post + 1])),
  };
}

function withoutPosts(
  { tags, userIndex, itemIndex, tagIndex }: TagLog,
  posts: TagPosts,
  left: readonly number[],
): TagLog {
  const gone = new Set(left.map((post) => `${posts.user[post]} ${posts.item[post]}`));
  const stays = (_: number, row: number): boolean => !gone.has(`${userIndex[row]} ${itemIndex[row]}`);
  return {
    tags,
    userIndex: userIndex.filter(stays),
    itemIndex: itemIndex.filter(stays),
    tagIndex: tagIndex.filter(stays),
  };
}

/** A tag that is only on held-out posts cannot be found by anything that learns from taggings: it
 *  is not asked for, and a post of such tags alone is not measured. The p-core has hardly any; in a
 *  whole catalogue most tags were used once. */
export function findable({ trainingData, parts }: TagSplit): TagSplit {
  const known = new Set(trainingData.taggings.tagIndex);
  const asked = (posts: readonly HeldOutPost[]): HeldOutPost[] =>
    posts
      .map((post) => ({ ...post, tags: new Set([...post.tags].filter((tag) => known.has(tag))) }))
      .filter(({ tags }) => tags.size > 0);
  return { trainingData, parts: { VALIDATION: asked(parts.VALIDATION), TEST: asked(parts.TEST) } };
}
