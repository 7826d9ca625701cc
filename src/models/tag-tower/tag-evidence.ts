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
 *  items that another user made too (tag-agreement.ts). Posts are added and removed one at a time:
 *  the server follows the catalogue's taggings, training adds all of its posts at the start. One
 *  post can be excluded from a result: training computes the evidence of a post without that
 *  post. */
import type { TagPosts } from '../../interactions/tag-posts';
import { TagAgreement } from './tag-agreement';
import { grown, type KnownPost, type Post, TagProfiles } from './tag-profiles';

export const SOURCES = 5;
/** [5] whose tags a source counts: 0 the user's, 1 the item's */
export const SOURCE_SIDES = [0, 1, 0, 1, 1] as const;

/** Sparse: only the `size` tags that a source names. */
export interface Evidence {
  readonly size: number;
  /** [size …] as the posts name them */
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
  /** Tags by row, and rows by tag: ids of tags may be far apart. */
  private readonly tagOfRow: number[] = [];
  private readonly rowOfTag = new Map<number, number>();
  /** [rows] place of a tag in the answer, -1 for none; and the row at each place */
  private place = new Int32Array(0);
  private placed = new Int32Array(0);
  /** [rows] memory of the answer */
  private tags = new Int32Array(0);
  private counts = Array.from({ length: SOURCES }, () => new Float64Array(0));
  private readonly totals = new Float64Array(SOURCES);
  private size = 0;
  /** [5] what the post that is being counted adds to each source */
  private readonly weights = new Float64Array(SOURCES);

  /** @param options.shorter see TagProfiles */
  constructor({ shorter = true } = {}) {
    this.users = new TagProfiles(shorter);
    this.items = new TagProfiles(shorter);
    this.agreement = new TagAgreement(this.items);
  }

  /** @returns the stored post, to exclude it from a result */
  add(post: Post): KnownPost {
    const rows = Array.from(post.tags, (tag) => this.rowOf(tag));
    const { user, item, tags } = post;
    const known: KnownPost = { user, item, tags, rows, confirmed: 0, ofUser: null, ofItem: null };
    this.agreement.add(known);
    known.ofUser = this.users.add(user, known);
    known.ofItem = this.items.add(item, known);
    return known;
  }

  /** @param posts in place of all that was known of the user */
  replaceUser(user: number, posts: readonly Post[]): void {
    for (const post of [...this.users.postsOf(user)]) {
      this.users.remove(user, post);
      this.items.remove(post.item, post);
      this.agreement.remove(post);
    }
    for (const post of posts) this.add(post);
  }

  /** @returns what the user put on the item */
  tagsPut(user: number, item: number): number[] {
    return Array.from(this.users.postsOf(user).find((post) => post.item === item)?.tags ?? []);
  }

  /** @param user    null for an unknown one; likewise `item`
   *  @param without a post to exclude
   *  @returns valid until the next call and the next change */
  of(user: number | null, item: number | null, without?: KnownPost): Evidence {
    for (let at = 0; at < this.size; at++) this.place[this.placed[at]] = -1;
    this.size = 0;
    this.totals.fill(0);
    const { weights, users, items, agreement } = this;
    weights.fill(0);
    weights[0] = 1;
    items.compareWith(item, without);
    for (const post of users.postsOf(user)) {
      if (post === without) continue;
      weights[2] = items.cosine(post.ofItem);
      this.count(post);
    }
    weights.fill(0);
    weights[1] = 1;
    users.compareWith(user, without);
    for (const post of items.postsOf(item)) {
      if (post === without) continue;
      weights[3] = users.cosine(post.ofUser);
      weights[4] = agreement.of(post);
      this.count(post);
    }
    return { size: this.size, tags: this.tags, counts: this.counts, totals: this.totals };
  }

  private count({ rows }: KnownPost): void {
    const { place, placed, tags, counts, totals, weights } = this;
    for (let s = 0; s < SOURCES; s++) totals[s] += weights[s];
    for (let n = 0; n < rows.length; n++) {
      let at = place[rows[n]];
      if (at < 0) {
        at = this.size++;
        place[rows[n]] = at;
        placed[at] = rows[n];
        tags[at] = this.tagOfRow[rows[n]];
        for (const column of counts) column[at] = 0;
      }
      for (let s = 0; s < SOURCES; s++) counts[s][at] += weights[s];
    }
  }

  private rowOf(tag: number): number {
    const known = this.rowOfTag.get(tag);
    if (known !== undefined) return known;
    const row = this.tagOfRow.push(tag) - 1;
    this.rowOfTag.set(tag, row);
    if (row >= this.place.length) {
      const length = Math.max(64, 2 * this.place.length);
      this.place = grown(this.place, length).fill(-1, this.place.length);
      this.placed = grown(this.placed, length);
      this.tags = grown(this.tags, length);
      this.counts = this.counts.map((column) => grown(column, length));
    }
    return row;
  }
}

/** @returns the evidence of dense posts (-1: an unknown user or item), and each post as stored
 *    there */
export function evidenceOf({ user, item, offsets, tags }: TagPosts): {
  readonly evidence: TagEvidence;
  readonly known: readonly KnownPost[];
} {
  const evidence = new TagEvidence({ shorter: false });
  const known = Array.from(user, (row, post) =>
    evidence.add({
      user: orNull(row),
      item: orNull(item[post]),
      tags: tags.subarray(offsets[post], offsets[post + 1]),
    }),
  );
  return { evidence, known };
}

/** @returns a dense index as evidence takes it, null for -1 */
export function orNull(row: number): number | null {
  return row < 0 ? null : row;
}
