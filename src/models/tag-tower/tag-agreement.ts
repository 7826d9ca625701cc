/** How far other users agree with a user's tags: the trust in a tag that no one else has given yet.
 *
 *    a_i(v) = (2 + taggings (v, j, t), j ≠ i, that another user made too) / (5 + taggings (v, j, t), j ≠ i)
 *
 *  The queried item i is excluded, so no post on it affects its own evidence, and training can
 *  remove any post on the item from the evidence completely. For an unknown user, or one without
 *  other taggings, a is 2/5. */
import type { KnownPost, TagProfiles } from './tag-profiles';

/** Of all posts of a user. */
interface Sums {
  confirmed: number;
  taggings: number;
}

export class TagAgreement {
  private readonly sums = new Map<number, Sums>();

  /** @param items the posts on each item, without the one that is being added or has been
   *    removed */
  constructor(private readonly items: Pick<TagProfiles, 'countOf' | 'postsOf'>) {}

  add(post: KnownPost): void {
    this.change(post.user, 'taggings', post.rows.length);
    this.meet(post, 1);
  }

  remove(post: KnownPost): void {
    this.meet(post, -1);
    this.change(post.user, 'taggings', -post.rows.length);
    if (post.user !== null && this.sums.get(post.user)?.taggings === 0) this.sums.delete(post.user);
  }

  /** @returns a of who wrote the post, for the item that it is on; 5 imaginary taggings bring their
   *    share into everybody's */
  of({ user, confirmed, rows }: KnownPost): number {
    const sums = user === null ? undefined : this.sums.get(user);
    if (sums === undefined) return 2 / 5;
    return (2 + sums.confirmed - confirmed) / (5 + sums.taggings - rows.length);
  }

  /** A tag that others have on the item is confirmed; one that a single other has was not, and is
   *  or was by this post. */
  private meet(post: KnownPost, sign: 1 | -1): void {
    for (const row of post.rows) {
      const holders = this.items.countOf(post.item, row);
      if (holders > 0) this.confirm(post, sign);
      if (holders === 1)
        for (const other of this.items.postsOf(post.item))
          if (other.rows.includes(row)) this.confirm(other, sign);
    }
  }

  private confirm(post: KnownPost, by: number): void {
    post.confirmed += by;
    this.change(post.user, 'confirmed', by);
  }

  private change(user: number | null, sum: keyof Sums, by: number): void {
    if (user === null) return;
    const sums = this.sums.get(user) ?? { confirmed: 0, taggings: 0 };
    sums[sum] += by;
    this.sums.set(user, sums);
  }
}
