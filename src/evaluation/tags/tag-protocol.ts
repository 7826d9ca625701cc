/** Evaluation of tag recommendation: a random post of each user is held out, and all tags are
 *  ranked for it (Rendle and Schmidt-Thieme, WSDM 2010, section 6.1). */

import type { TagLog } from '../../interactions/interaction-log';
import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import { type TagTrainingData } from '../../models/system';
import { Random } from '../../numeric/random';

/** A post that the model has not seen. */
export interface HeldOutPost {
  readonly user: number;
  readonly item: number;
  readonly tags: ReadonlySet<number>;
}

export interface TagSplit {
  /** One post of each user with two or more. */
  readonly test: readonly HeldOutPost[];
  /** Another one of each user with three or more. */
  readonly validation: readonly HeldOutPost[];
  /** Without both: what settings are chosen on. */
  readonly training: TagTrainingData;
  /** Without the test posts: what is trained on for the test. */
  readonly trainingForTest: TagTrainingData;
}

/** @param seed of the choice of posts, drawn for each user alone
 *  @returns posts in ascending order of user */
export function splitTagPosts({ taggings, users, items }: TagTrainingData, seed: number): TagSplit {
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
    if (own.length >= 3) validation.push(second);
  }
  const without = (left: readonly number[]): TagTrainingData => ({
    users,
    items,
    taggings: withoutPosts(taggings, posts, left),
  });
  return {
    test: test.map((post) => heldOut(posts, post)),
    validation: validation.map((post) => heldOut(posts, post)),
    training: without([...test, ...validation]),
    trainingForTest: without(test),
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

/** A tag that stands in no post but held-out ones can be found by nothing that learns from
 *  taggings: it is not asked for, and a post of such tags alone is not measured. The p-core has
 *  hardly any; in a whole catalog most tags were used once. */
export function findable(posts: readonly HeldOutPost[], { taggings }: TagTrainingData): HeldOutPost[] {
  const known = new Set(taggings.tagIndex);
  return posts
    .map((post) => ({ ...post, tags: new Set([...post.tags].filter((tag) => known.has(tag))) }))
    .filter(({ tags }) => tags.size > 0);
}
