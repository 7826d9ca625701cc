/** What the posts say about the tags of a user u and an item i: five sources, each a bag of tags.
 *
 *    0  the user's tags       n(t) = posts of u with t,                         N = posts of u
 *    1  the item's tags       n(t) = posts on i with t,                         N = posts on i
 *    2  tags of u on items near i      n(t) = Σ_{posts (u, j) with t} c(i, j),  N = Σ_{posts (u, j)} c(i, j)
 *    3  tags on i of users near u      n(t) = Σ_{posts (v, i) with t} c(u, v),  N = Σ_{posts (v, i)} c(u, v)
 *    4  tags on i of users whom others confirm elsewhere
 *                                      n(t) = Σ_{posts (v, i) with t} a_i(v),   N = Σ_{posts (v, i)} a_i(v)
 *
 *  c is the cosine of two profiles (tag-profiles.ts), a_i(v) the share of v's taggings of other
 *  items that somebody else made too (tag-agreement.ts). One post can be left out: training asks
 *  what is known of a post without that post. */
import type { TagPosts } from '../../interactions/tag-posts';
import { TagAgreement } from './tag-agreement';
import { TagProfiles } from './tag-profiles';

export const SOURCES = 5;
/** [5] whose tags a source counts: 0 the user's, 1 the item's */
export const SOURCE_SIDES = [0, 1, 0, 1, 1] as const;

/** Sparse: only the `size` tags that a source names. Overwritten by the next call. */
export interface Evidence {
  size: number;
  /** [size …] dense tag index */
  readonly tags: Int32Array;
  /** [5][size …] n(t) of each source, in the order of `tags` */
  readonly counts: readonly Float64Array[];
  /** [5] N of each source */
  readonly totals: Float64Array;
}

export class TagEvidence {
  private readonly users: TagProfiles;
  private readonly items: TagProfiles;
  private readonly agreement: TagAgreement;
  private readonly evidence: Evidence;
  /** [T] place of a tag in the evidence, -1 for none */
  private readonly place: Int32Array;
  /** [5] what the post that is being added counts in each source */
  private readonly weights = new Float64Array(SOURCES);

  /** @param sizes of the vocabularies that the posts' indices are of */
  constructor(
    readonly posts: TagPosts,
    sizes: { readonly users: number; readonly items: number; readonly tags: number },
  ) {
    this.users = new TagProfiles(posts, posts.user, sizes.users, sizes.tags);
    this.items = new TagProfiles(posts, posts.item, sizes.items, sizes.tags);
    this.agreement = new TagAgreement(posts, sizes.users);
    this.place = new Int32Array(sizes.tags).fill(-1);
    this.evidence = {
      size: 0,
      tags: new Int32Array(sizes.tags),
      counts: Array.from({ length: SOURCES }, () => new Float64Array(sizes.tags)),
      totals: new Float64Array(SOURCES),
    };
  }

  /** @param user    dense index, -1 for an unknown one; likewise `item`
   *  @param without a post that is left out, -1 for none
   *  @returns valid until the next call */
  of(user: number, item: number, without = -1): Evidence {
    const { evidence, place } = this;
    for (let at = 0; at < evidence.size; at++) place[evidence.tags[at]] = -1;
    evidence.size = 0;
    evidence.totals.fill(0);
    const { posts, weights } = this;
    weights.fill(0);
    weights[0] = 1;
    this.items.compareWith(item, without);
    this.users.forEachPost(user, (post) => {
      if (post === without) return;
      weights[2] = this.items.cosine(posts.item[post]);
      this.add(post);
    });
    weights.fill(0);
    weights[1] = 1;
    this.users.compareWith(user, without);
    this.items.forEachPost(item, (post) => {
      if (post === without) return;
      weights[3] = this.users.cosine(posts.user[post]);
      weights[4] = this.agreement.of(post);
      this.add(post);
    });
    return evidence;
  }

  private add(post: number): void {
    const { evidence, place, posts, weights } = this;
    const { tags, counts, totals } = evidence;
    for (let s = 0; s < SOURCES; s++) totals[s] += weights[s];
    for (let row = posts.offsets[post]; row < posts.offsets[post + 1]; row++) {
      const tag = posts.tags[row];
      let at = place[tag];
      if (at < 0) {
        at = evidence.size++;
        place[tag] = at;
        tags[at] = tag;
        for (const column of counts) column[at] = 0;
      }
      for (let s = 0; s < SOURCES; s++) counts[s][at] += weights[s];
    }
  }
}
