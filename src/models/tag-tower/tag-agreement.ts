/** How far others agree with somebody's tags, so that a tag of theirs can be trusted where nobody
 *  else has spoken yet.
 *
 *    a_i(v) = (2 + taggings (v, j, t), j ≠ i, that somebody else made too) / (5 + taggings (v, j, t), j ≠ i)
 *
 *  The item that is asked about is left out: so a post on it says nothing about itself, by whomever
 *  it is, and training can leave any post on the item out of the evidence without a trace. Of an
 *  unknown user, and of one who tagged nothing else, a is 2/5. */
import type { TagPosts } from '../../interactions/tag-posts';

/** The share that 5 imaginary taggings bring into everybody's. */
export const agreementOf = (confirmed: number, taggings: number): number => (2 + confirmed) / (5 + taggings);

export class TagAgreement {
  /** [P] how many of the post's tags are on its item by another post, too */
  private readonly confirmed: Int32Array;
  /** [U] of all posts of a user; and how many taggings those are */
  private readonly confirmedOf: Int32Array;
  private readonly taggingsOf: Int32Array;

  /** @param users how many: what `posts.user` are rows of */
  constructor(
    private readonly posts: TagPosts,
    users: number,
  ) {
    const { user, item } = posts;
    const counts = new Map<number, Map<number, number>>();
    for (let post = 0; post < user.length; post++) {
      const bag = counts.get(item[post]) ?? new Map<number, number>();
      for (const tag of this.tagsOf(post)) bag.set(tag, (bag.get(tag) ?? 0) + 1);
      if (item[post] >= 0) counts.set(item[post], bag);
    }
    this.confirmed = new Int32Array(user.length);
    this.confirmedOf = new Int32Array(users);
    this.taggingsOf = new Int32Array(users);
    for (let post = 0; post < user.length; post++) {
      const bag = counts.get(item[post]);
      const tags = this.tagsOf(post);
      this.confirmed[post] = tags.reduce((sum, tag) => sum + ((bag?.get(tag) ?? 0) > 1 ? 1 : 0), 0);
      if (user[post] < 0) continue;
      this.confirmedOf[user[post]] += this.confirmed[post];
      this.taggingsOf[user[post]] += tags.length;
    }
  }

  /** @returns a of who wrote the post, for the item that it is on */
  of(post: number): number {
    const user = this.posts.user[post];
    if (user < 0) return agreementOf(0, 0);
    return agreementOf(
      this.confirmedOf[user] - this.confirmed[post],
      this.taggingsOf[user] - this.tagsOf(post).length,
    );
  }

  private tagsOf(post: number): Int32Array {
    return this.posts.tags.subarray(this.posts.offsets[post], this.posts.offsets[post + 1]);
  }
}
