/** What TagAgreement says, over posts that come and go. */
import type { LivePost } from './live-tag-evidence';
import { agreementOf } from './tag-agreement';

/** The posts on items, without the one that is being added or has been removed. */
export interface PostsOnItems {
  countOf(item: number, tag: number): number;
  postsOf(item: number): Iterable<LivePost>;
}

interface Sums {
  confirmed: number;
  taggings: number;
}

export class LiveTagAgreement {
  /** How many of a post's tags are on its item by another post, too. */
  private readonly confirmed = new Map<LivePost, number>();
  private readonly sums = new Map<number, Sums>();

  constructor(private readonly others: PostsOnItems) {}

  add(post: LivePost): void {
    this.confirmed.set(post, 0);
    this.sumsOf(post.user).taggings += post.tags.length;
    this.meet(post, 1);
  }

  remove(post: LivePost): void {
    this.meet(post, -1);
    this.confirmed.delete(post);
    this.sumsOf(post.user).taggings -= post.tags.length;
    if (this.sumsOf(post.user).taggings === 0) this.sums.delete(post.user);
  }

  /** @returns a of who wrote the post, for the item that it is on */
  of(post: LivePost): number {
    const { confirmed, taggings } = this.sumsOf(post.user);
    return agreementOf(confirmed - (this.confirmed.get(post) ?? 0), taggings - post.tags.length);
  }

  /** A tag that others have on the item is confirmed; one that a single other has was not, and is
   *  or was by this post. */
  private meet(post: LivePost, sign: 1 | -1): void {
    for (const tag of post.tags) {
      const holders = this.others.countOf(post.item, tag);
      if (holders > 0) this.change(post, sign);
      if (holders === 1)
        for (const other of this.others.postsOf(post.item))
          if (other.tags.includes(tag)) this.change(other, sign);
    }
  }

  private change(post: LivePost, by: number): void {
    this.confirmed.set(post, (this.confirmed.get(post) ?? 0) + by);
    this.sumsOf(post.user).confirmed += by;
  }

  private sumsOf(user: number): Sums {
    const known = this.sums.get(user);
    if (known !== undefined) return known;
    const sums = { confirmed: 0, taggings: 0 };
    this.sums.set(user, sums);
    return sums;
  }
}
