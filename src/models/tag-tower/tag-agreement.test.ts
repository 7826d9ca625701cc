import type { TagPosts } from '../../interactions/tag-posts';
import { TagAgreement } from './tag-agreement';
import { type KnownPost, TagProfiles } from './tag-profiles';

/** @returns a of who wrote each post, by the post's number */
function agreementOf({ user, item, offsets, tags }: TagPosts): (post: number) => number {
  const items = new TagProfiles(true);
  const agreement = new TagAgreement(items);
  const orNull = (row: number) => (row < 0 ? null : row);
  const known = Array.from(user, (row, at): KnownPost => {
    const rows = Array.from(tags.subarray(offsets[at], offsets[at + 1]));
    const known = { rows, confirmed: 0, ofUser: null, ofItem: null };
    const post = { user: orNull(row), item: orNull(item[at]), tags: rows, ...known };
    agreement.add(post);
    items.add(post.item, post);
    return post;
  });
  return (post) => agreement.of(known[post]);
}

/** User 0 put tags 0 and 1 on item 0 and tag 2 on item 1; user 1 put tag 0 on item 0 and tag 2 on
 *  item 1; somebody unknown tag 1 on item 0. */
const posts = {
  user: Int32Array.of(0, 0, 1, 1, -1),
  item: Int32Array.of(0, 1, 0, 1, 0),
  offsets: Int32Array.of(0, 2, 3, 4, 5, 6),
  tags: Int32Array.of(0, 1, 2, 0, 2, 1),
};

it('is the share of the taggings elsewhere that somebody else made too, smoothed', () => {
  const agreement = agreementOf(posts);
  // Of user 0 on item 1 alone: one tagging, confirmed; on item 0 alone: two, one by user 1, one by
  // the unknown.
  expect([0, 1].map((post) => agreement(post))).toEqual([(2 + 1) / (5 + 1), (2 + 2) / (5 + 2)]);
  expect(agreement(4)).toBe(2 / 5);
});

it('says nothing about an item by what was put on that item', () => {
  // Without user 1's post on item 0, tag 0 of user 0 is not confirmed there.
  const less = {
    user: Int32Array.of(0, 0, 1, -1),
    item: Int32Array.of(0, 1, 1, 0),
    offsets: Int32Array.of(0, 2, 3, 4, 5),
    tags: Int32Array.of(0, 1, 2, 2, 1),
  };
  const [all, rest] = [agreementOf(posts), agreementOf(less)];
  expect(all(0)).toBe(rest(0));
  expect(all(1)).toBeGreaterThan(rest(1));
});

it('does not take items that are unknown for the same one', () => {
  const unknown = {
    user: Int32Array.of(0, 1, 1),
    item: Int32Array.of(-1, -1, 0),
    offsets: Int32Array.of(0, 1, 2, 3),
    tags: Int32Array.of(0, 0, 1),
  };
  expect(agreementOf(unknown)(2)).toBe(2 / 6);
});
