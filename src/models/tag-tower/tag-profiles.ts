/** Tag profiles and their cosine. A profile has, on the axis of tag t, log(1 + posts with t) ·
 *  log(profiles / profiles with t). */
import type { TagPosts } from '../../interactions/tag-posts';

/** The tag profiles of all users, or of all items. */
export class TagProfiles {
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
      const own =
        without < 0
          ? undefined
          : new Set(this.posts.tags.subarray(this.posts.offsets[without], this.posts.offsets[without + 1]));
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
    for (let row = posts.offsets[post]; row < posts.offsets[post + 1]; row++)
      bag.set(posts.tags[row], (bag.get(posts.tags[row]) ?? 0) + 1);
  }
  return bag;
}
