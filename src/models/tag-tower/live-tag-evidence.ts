/** Tag evidence over taggings that come and go: what TagEvidence says, by ids instead of dense
 *  rows, without building anything anew. A tagging is taken in at once; an answer works out the
 *  profiles that it compares. Held to TagEvidence by a test. */
import { LiveTagAgreement } from './live-tag-agreement';
import { type Evidence, SOURCES } from './tag-evidence';

/** All tags of one user on one item. */
export interface LivePost {
  readonly user: number;
  readonly item: number;
  /** distinct */
  readonly tags: readonly number[];
}

export class LiveTagEvidence {
  private readonly users = new Profiles();
  private readonly items = new Profiles();
  private readonly agreement = new LiveTagAgreement(this.items);

  /** @param posts what stands in place of all that was known of the user */
  replaceUser(user: number, posts: readonly LivePost[]): void {
    for (const post of this.users.postsOf(user)) {
      this.users.remove(user, post);
      this.items.remove(post.item, post);
      this.agreement.remove(post);
    }
    for (const post of posts) {
      this.agreement.add(post);
      this.users.add(user, post);
      this.items.add(post.item, post);
    }
  }

  /** @returns what the user put on the item */
  tagsPut(user: number, item: number): readonly number[] {
    return this.users.postsOf(user).find((post) => post.item === item)?.tags ?? [];
  }

  /** @param item null: none in particular
   *  @returns the five sources (tag-evidence.ts), `tags` being tag ids */
  of(user: number, item: number | null): Evidence {
    const bag = new Map<number, Float64Array>();
    const totals = new Float64Array(SOURCES);
    const weights = new Float64Array(SOURCES);
    const add = (post: LivePost): void => {
      addTo(totals, weights);
      for (const tag of post.tags) {
        const counts = bag.get(tag) ?? new Float64Array(SOURCES);
        addTo(counts, weights);
        bag.set(tag, counts);
      }
    };
    const nearItem = this.items.nearnessTo(item);
    weights[0] = 1;
    for (const post of this.users.postsOf(user)) {
      weights[2] = nearItem(post.item);
      add(post);
    }
    const nearUser = this.users.nearnessTo(user);
    weights.fill(0);
    weights[1] = 1;
    for (const post of item === null ? [] : this.items.postsOf(item)) {
      weights[3] = nearUser(post.user);
      weights[4] = this.agreement.of(post);
      add(post);
    }
    const rows = [...bag.values()];
    const counts = Array.from({ length: SOURCES }, (_, source) =>
      Float64Array.from(rows, (row) => row[source]),
    );
    return { size: bag.size, tags: Int32Array.from(bag.keys()), counts, totals };
  }
}

function addTo(sums: Float64Array, weights: Float64Array): void {
  for (let s = 0; s < SOURCES; s++) sums[s] += weights[s];
}

/** The posts and tag profiles of all users, or of all items. */
class Profiles {
  private readonly posts = new Map<number, Set<LivePost>>();
  /** Posts with a tag, by owner and tag. */
  private readonly bags = new Map<number, Map<number, number>>();
  /** How many profiles have a tag. */
  private readonly holders = new Map<number, number>();
  /** Of whole profiles; all change a little with every tagging. */
  private norms = new Map<number, number>();

  postsOf(owner: number): LivePost[] {
    return [...(this.posts.get(owner) ?? [])];
  }

  /** @returns the owner's posts with the tag */
  countOf(owner: number, tag: number): number {
    return this.bags.get(owner)?.get(tag) ?? 0;
  }

  add(owner: number, post: LivePost): void {
    const posts = this.posts.get(owner) ?? new Set();
    const bag = this.bags.get(owner) ?? new Map<number, number>();
    posts.add(post);
    for (const tag of post.tags) {
      const count = bag.get(tag) ?? 0;
      bag.set(tag, count + 1);
      if (count === 0) this.holders.set(tag, (this.holders.get(tag) ?? 0) + 1);
    }
    this.posts.set(owner, posts);
    this.bags.set(owner, bag);
    this.norms = new Map();
  }

  remove(owner: number, post: LivePost): void {
    const [posts, bag] = [this.posts.get(owner), this.bags.get(owner)];
    if (!posts?.delete(post) || bag === undefined) return;
    for (const tag of post.tags) {
      const count = (bag.get(tag) ?? 0) - 1;
      if (count > 0) bag.set(tag, count);
      else if (bag.delete(tag)) this.holders.set(tag, (this.holders.get(tag) ?? 1) - 1);
    }
    if (posts.size === 0) {
      this.posts.delete(owner);
      this.bags.delete(owner);
    }
    this.norms = new Map();
  }

  /** @param anchor null: nothing is near to it
   *  @returns the cosine of another's profile and the anchor's */
  nearnessTo(anchor: number | null): (other: number) => number {
    const own = anchor === null ? undefined : this.bags.get(anchor);
    if (anchor === null || own === undefined) return () => 0;
    const coordinates = new Map(Array.from(own, ([tag, count]) => [tag, this.coordinate(tag, count)]));
    const length = this.norm(anchor, own);
    return (other) => {
      const bag = this.bags.get(other);
      if (bag === undefined) return 0;
      const norms = this.norm(other, bag) * length;
      if (norms === 0) return 0;
      let sum = 0;
      if (bag.size < coordinates.size)
        for (const [tag, count] of bag) sum += (coordinates.get(tag) ?? 0) * this.coordinate(tag, count);
      else
        for (const [tag, coordinate] of coordinates)
          sum += coordinate * this.coordinate(tag, bag.get(tag) ?? 0);
      return sum / norms;
    };
  }

  private norm(owner: number, bag: ReadonlyMap<number, number>): number {
    const known = this.norms.get(owner);
    if (known !== undefined) return known;
    let sum = 0;
    for (const [tag, count] of bag) sum += this.coordinate(tag, count) ** 2;
    this.norms.set(owner, Math.sqrt(sum));
    return Math.sqrt(sum);
  }

  private coordinate(tag: number, count: number): number {
    if (count === 0) return 0;
    return Math.log1p(count) * Math.log(this.bags.size / (this.holders.get(tag) ?? 1));
  }
}
