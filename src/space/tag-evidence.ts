/** What the posts say about the tags of a user u and an item i: four sources, each a bag of tags.
 *
 *    0  the user's tags       n(t) = posts of u with t,                         N = posts of u
 *    1  the item's tags       n(t) = posts on i with t,                         N = posts on i
 *    2  tags of u on items near i      n(t) = Σ_{posts (u, j) with t} c(i, j),  N = Σ_{posts (u, j)} c(i, j)
 *    3  tags on i of users near u      n(t) = Σ_{posts (v, i) with t} c(u, v),  N = Σ_{posts (v, i)} c(u, v)
 *
 *  c is the cosine of two profiles; a profile has the coordinate log(1 + posts with t) · log(profiles / profiles with t) on tag t.
 *  One post can be left out: training asks what is known of a post without that post. */
import type { TagPosts } from '../interactions/tag-posts';

export const SOURCES = 4;

/** Sparse: only the `size` tags that a source names. Overwritten by the next call. */
export interface Evidence {
  size: number;
  /** [size …] dense tag index */
  readonly tags: Int32Array;
  /** [4][size …] n(t) of each source, in the order of `tags` */
  readonly counts: readonly Float64Array[];
  /** [4] N of each source */
  readonly totals: Float64Array;
}

export class TagEvidence {
  private readonly users: Profiles;
  private readonly items: Profiles;
  private readonly evidence: Evidence;
  /** [T] place of a tag in the evidence, -1 for none */
  private readonly place: Int32Array;

  /** @param sizes of the vocabularies that the posts' indices are of */
  constructor(
    readonly posts: TagPosts,
    sizes: { readonly users: number; readonly items: number; readonly tags: number },
  ) {
    this.users = new Profiles(posts, posts.user, sizes.users, sizes.tags);
    this.items = new Profiles(posts, posts.item, sizes.items, sizes.tags);
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
    const { posts } = this;
    this.items.compareWith(item, without);
    this.users.forEachPost(user, (post) => {
      if (post !== without) this.add(post, 0, 2, this.items.cosine(posts.item[post]));
    });
    this.users.compareWith(user, without);
    this.items.forEachPost(item, (post) => {
      if (post !== without) this.add(post, 1, 3, this.users.cosine(posts.user[post]));
    });
    return evidence;
  }

  private add(post: number, plain: number, weighted: number, cosine: number): void {
    const { evidence, place, posts } = this;
    const { tags, counts, totals } = evidence;
    totals[plain]++;
    totals[weighted] += cosine;
    for (let row = posts.offsets[post]; row < posts.offsets[post + 1]; row++) {
      const tag = posts.tags[row];
      let at = place[tag];
      if (at < 0) {
        at = evidence.size++;
        place[tag] = at;
        tags[at] = tag;
        for (const column of counts) column[at] = 0;
      }
      counts[plain][at]++;
      counts[weighted][at] += cosine;
    }
  }
}

/** The tag profiles of all users, or of all items. */
class Profiles {
  private readonly postsOf: readonly Int32Array[];
  /** CSR over tags */
  private readonly offsets: Int32Array;
  private readonly tags: Int32Array;
  private readonly counts: Int32Array;
  /** beside `tags`: the whole profile */
  private readonly coordinates: Float64Array;
  /** [rows] length of the whole profile */
  private readonly norms: Float64Array;
  /** [T] */
  private readonly rarity: Float64Array;
  /** [T] the profile that others are compared with, and its length */
  private readonly anchor: Float64Array;
  private anchorTags: number[] = [];
  private anchorNorm = 0;

  /** @param owner [P] the row that each post belongs to */
  constructor(
    private readonly posts: TagPosts,
    owner: Int32Array,
    rows: number,
    tagCount: number,
  ) {
    const lists = Array.from({ length: rows }, (): number[] => []);
    owner.forEach((row, post) => {
      if (row >= 0) lists[row].push(post);
    });
    this.postsOf = lists.map((list) => Int32Array.from(list));
    const bags = lists.map((list) => countTags(posts, list));
    this.offsets = new Int32Array(rows + 1);
    bags.forEach((bag, row) => {
      this.offsets[row + 1] = this.offsets[row] + bag.size;
    });
    this.tags = Int32Array.from(bags.flatMap((bag) => [...bag.keys()]));
    this.counts = Int32Array.from(bags.flatMap((bag) => [...bag.values()]));
    const holders = new Float64Array(tagCount);
    for (const tag of this.tags) holders[tag]++;
    const profiles = bags.filter((bag) => bag.size > 0).length;
    this.rarity = holders.map((count) => (count === 0 ? 0 : Math.log(profiles / count)));
    this.coordinates = Float64Array.from(this.tags, (tag, at) => this.coordinate(tag, this.counts[at]));
    this.norms = Float64Array.from(bags, (_, row) => {
      let sum = 0;
      for (let at = this.offsets[row]; at < this.offsets[row + 1]; at++) sum += this.coordinates[at] ** 2;
      return Math.sqrt(sum);
    });
    this.anchor = new Float64Array(tagCount);
  }

  forEachPost(row: number, visit: (post: number) => void): void {
    if (row < 0) return;
    for (const post of this.postsOf[row]) visit(post);
  }

  /** Makes the profile of a row, without one post, what `cosine` compares with. */
  compareWith(row: number, without: number): void {
    for (const tag of this.anchorTags) this.anchor[tag] = 0;
    this.anchorTags = [];
    let sum = 0;
    if (row >= 0) {
      const own = without < 0 ? undefined : new Set(this.posts.tags.subarray(this.posts.offsets[without], this.posts.offsets[without + 1]));
      for (let at = this.offsets[row]; at < this.offsets[row + 1]; at++) {
        const tag = this.tags[at];
        const coordinate = own?.has(tag) ? this.coordinate(tag, this.counts[at] - 1) : this.coordinates[at];
        if (coordinate === 0) continue;
        this.anchor[tag] = coordinate;
        this.anchorTags.push(tag);
        sum += coordinate * coordinate;
      }
    }
    this.anchorNorm = Math.sqrt(sum);
  }

  cosine(row: number): number {
    if (row < 0) return 0;
    const norms = this.norms[row] * this.anchorNorm;
    if (norms === 0) return 0;
    let sum = 0;
    for (let at = this.offsets[row]; at < this.offsets[row + 1]; at++) {
      sum += this.anchor[this.tags[at]] * this.coordinates[at];
    }
    return sum / norms;
  }

  private coordinate(tag: number, count: number): number {
    return Math.log1p(count) * this.rarity[tag];
  }
}

function countTags(posts: TagPosts, list: readonly number[]): Map<number, number> {
  const bag = new Map<number, number>();
  for (const post of list) {
    for (let row = posts.offsets[post]; row < posts.offsets[post + 1]; row++) bag.set(posts.tags[row], (bag.get(posts.tags[row]) ?? 0) + 1);
  }
  return bag;
}
