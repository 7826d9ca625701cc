/** Evaluation of tag recommendation: a random post of each user is held out, and all tags are ranked for it (Rendle and Schmidt-Thieme,
 *  WSDM 2010, section 6.1). */
import type { TagModel, TagTrainingData } from '../../algorithms/tag-recommender';
import type { TagLog } from '../../interactions/interaction-log';
import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import { Random } from '../../numeric/random';
import { topK } from '../../numeric/top-k';
import { discount } from '../metrics/ndcg';

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

/** @param sizes users and items that the indices of the taggings are of
 *  @param seed  of the choice of posts, drawn for each user alone */
export function splitTagPosts(taggings: TagLog, sizes: { readonly users: number; readonly items: number }, seed: number): TagSplit {
  const posts = buildTagPosts(taggings);
  const postsOfUser = new Map<number, number[]>();
  posts.user.forEach((user, post) => {
    if (user >= 0) postsOfUser.set(user, [...(postsOfUser.get(user) ?? []), post]);
  });
  const [test, validation]: [number[], number[]] = [[], []];
  for (const [user, own] of postsOfUser) {
    if (own.length < 2) continue;
    const [first, second] = new Random(seed, user).shuffle(own);
    test.push(first);
    if (own.length >= 3) validation.push(second);
  }
  const without = (left: readonly number[]): TagTrainingData => ({ ...sizes, taggings: withoutPosts(taggings, posts, left) });
  return {
    test: test.map((post) => heldOut(posts, post)),
    validation: validation.map((post) => heldOut(posts, post)),
    training: without([...test, ...validation]),
    trainingForTest: without(test),
  };
}

function heldOut({ user, item, offsets, tags }: TagPosts, post: number): HeldOutPost {
  return { user: user[post], item: item[post], tags: new Set(tags.subarray(offsets[post], offsets[post + 1])) };
}

function withoutPosts({ tags, userIndex, itemIndex, tagIndex }: TagLog, posts: TagPosts, left: readonly number[]): TagLog {
  const gone = new Set(left.map((post) => `${posts.user[post]} ${posts.item[post]}`));
  const stays = (_: number, row: number): boolean => !gone.has(`${userIndex[row]} ${itemIndex[row]}`);
  return { tags, userIndex: userIndex.filter(stays), itemIndex: itemIndex.filter(stays), tagIndex: tagIndex.filter(stays) };
}

export const TAG_CUTOFFS = [5, 10, 20] as const;
export type TagMetricName = `${'precision' | 'recall' | 'ndcg'}@${(typeof TAG_CUTOFFS)[number]}`;
/** Means over the posts. */
export type TagMetrics = Readonly<Record<TagMetricName, number>>;

/** Equal scores rank in the order of the tags' indices. */
export function measureTags(model: TagModel, posts: readonly HeldOutPost[]): TagMetrics {
  const sums = new Map<string, number>();
  const add = (name: string, value: number): void => void sums.set(name, (sums.get(name) ?? 0) + value / posts.length);
  for (const post of posts) {
    const ranked = topK(model.score([post]), Math.max(...TAG_CUTOFFS));
    for (const k of TAG_CUTOFFS) {
      let [hits, gain, ideal] = [0, 0, 0];
      for (let at = 0; at < Math.min(k, ranked.length); at++) {
        if (!post.tags.has(ranked[at])) continue;
        hits++;
        gain += discount(at + 1);
      }
      for (let rank = 1; rank <= Math.min(k, post.tags.size); rank++) ideal += discount(rank);
      add(`precision@${k}`, hits / k);
      add(`recall@${k}`, hits / post.tags.size);
      add(`ndcg@${k}`, gain / ideal);
    }
  }
  return Object.fromEntries(sums) as Record<TagMetricName, number>;
}
