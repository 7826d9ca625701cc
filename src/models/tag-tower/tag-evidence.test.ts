import fc from 'fast-check';
import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import { Random } from '../../numeric/random';
import { type Evidence, evidenceOf, orNull, SOURCES, TagEvidence } from './tag-evidence';
import type { Post } from './tag-profiles';

/** User 0 put tags 0 and 1 on item 0 and tag 0 on item 1; user 1 put tag 1 on item 0 and tag 2 on
 *  item 2. */
const posts = {
  user: Int32Array.of(0, 0, 1, 1),
  item: Int32Array.of(0, 1, 0, 2),
  offsets: Int32Array.of(0, 2, 3, 4, 5),
  tags: Int32Array.of(0, 1, 0, 1, 2),
};

/** As a copy, for the evidence overwrites what it returned; the post at `without` is left out. */
function evidenceFrom(taggings: TagPosts) {
  const { evidence, known } = evidenceOf(taggings);
  return {
    of(user: number, item: number, without?: number): Evidence {
      const left = without === undefined ? undefined : known[without];
      return structuredClone(evidence.of(orNull(user), orNull(item), left));
    },
  };
}
const evidence = evidenceFrom(posts);
const countOf = (found: Evidence, source: number, tag: number): number => {
  const at = found.tags.subarray(0, found.size).indexOf(tag);
  return at < 0 ? 0 : found.counts[source][at];
};

it("counts the user's and the item's posts, and leaves out the one that is asked about", () => {
  const all = evidence.of(0, 0);
  expect([0, 1, 2].map((tag) => countOf(all, 0, tag))).toEqual([2, 1, 0]);
  expect([0, 1, 2].map((tag) => countOf(all, 1, tag))).toEqual([1, 2, 0]);
  expect(Array.from(all.totals.subarray(0, 2))).toEqual([2, 2]);
  const rest = evidence.of(0, 0, 0);
  expect([0, 1, 2].map((tag) => countOf(rest, 0, tag))).toEqual([1, 0, 0]);
  expect([0, 1, 2].map((tag) => countOf(rest, 1, tag))).toEqual([0, 1, 0]);
  expect(Array.from(rest.totals.subarray(0, 2))).toEqual([1, 1]);
});

it('weighs posts by the cosine of the profiles, which are the same to themselves', () => {
  const found = evidence.of(0, 0);
  // Of the three items two have tag 0, one tag 1: item 0 stands at (own, other), item 1 at (own,
  // 0).
  const [own, other] = [Math.log1p(1) * Math.log(3 / 2), Math.log1p(2) * Math.log(3)];
  const nearness = own / Math.hypot(own, other);
  expect(found.totals[2]).toBeCloseTo(1 + nearness, 12);
  expect(countOf(found, 2, 0)).toBeCloseTo(1 + nearness, 12);
  expect(countOf(found, 2, 1)).toBeCloseTo(1, 12);
});

it('says of the unknown what is known of the other, and nothing of nobody', () => {
  const itemAlone = evidence.of(-1, 2);
  expect(itemAlone.size).toBe(1);
  // User 1 has one other tagging, which user 0 confirms: (2 + 1) / (5 + 1).
  expect([0, 1, 2, 3, 4].map((source) => countOf(itemAlone, source, 2))).toEqual([0, 1, 0, 0, 0.5]);
  expect(evidence.of(-1, -1).size).toBe(0);
  expect(Array.from(evidence.of(-1, -1).totals)).toEqual([0, 0, 0, 0, 0]);
});

describe('a post that is left out', () => {
  const random = new Random(5);
  const below = (n: number): number => Math.floor(random.uniform() * n);
  const sizes = { users: 6, items: 5, tags: 8 };
  const rows = Array.from({ length: 60 }, () => ({ user: below(6), item: below(5), tag: below(8) }));
  const built = (taggings: typeof rows) => {
    const column = (of: 'user' | 'item' | 'tag') => Int32Array.from(taggings, (row) => row[of]);
    return buildTagPosts({ userIndex: column('user'), itemIndex: column('item'), tagIndex: column('tag') });
  };
  const whole = built(rows);
  const all = evidenceFrom(whole);

  it.each(Array.from(whole.user.keys()))(
    'leaves no trace in the counts, nor in how far its item is trusted (post %i)',
    (post) => {
      const [user, item] = [whole.user[post], whole.item[post]];
      const rest = evidenceFrom(built(rows.filter((row) => row.user !== user || row.item !== item))).of(
        user,
        item,
      );
      const found = all.of(user, item, post);
      for (const source of [0, 1, 4]) {
        expect(found.totals[source]).toBeCloseTo(rest.totals[source], 12);
        for (let tag = 0; tag < sizes.tags; tag++)
          expect(countOf(found, source, tag)).toBeCloseTo(countOf(rest, source, tag), 12);
      }
    },
  );

  it('cannot show its tag, which nobody else has, in any source', () => {
    const planted = [...rows, { user: 0, item: 0, tag: 8 }];
    const posts = built(planted);
    const post = posts.user.findIndex((user, at) => user === 0 && posts.item[at] === 0);
    const evidence = evidenceFrom(posts);
    const sources = Array.from({ length: SOURCES }, (_, source) => source);
    expect(sources.map((source) => countOf(evidence.of(0, 0, post), source, 8))).toEqual(
      sources.map(() => 0),
    );
    const kept = evidence.of(0, 0);
    expect(sources.every((source) => countOf(kept, source, 8) > 0)).toBe(true);
  });
});

const SIZES = { users: 5, items: 6, tags: 7 };
/** Ids are no dense indices. */
const [USER, ITEM, TAG] = [100, 200, 300];

const post = fc.record({
  item: fc.integer({ min: 0, max: SIZES.items - 1 }),
  tags: fc.uniqueArray(fc.integer({ min: 0, max: SIZES.tags - 1 }), { minLength: 1, maxLength: 4 }),
});
type OwnPost = { item: number; tags: number[] };
const postsOfUser = fc.uniqueArray(post, { selector: ({ item }) => item, maxLength: 5 });
/** Each user's posts, and then what some of them have instead. */
const world = fc.record({
  first: fc.array(postsOfUser, { minLength: SIZES.users, maxLength: SIZES.users }),
  changes: fc.array(fc.tuple(fc.integer({ min: 0, max: SIZES.users - 1 }), postsOfUser), { maxLength: 6 }),
});

const live = (user: number, posts: readonly OwnPost[]): Post[] =>
  posts.map(({ item, tags }) => ({
    user: USER + user,
    item: ITEM + item,
    tags: tags.map((tag) => TAG + tag),
  }));

function fresh(posts: readonly (readonly OwnPost[])[]) {
  const rows = posts.flatMap((own, user) =>
    own.flatMap(({ item, tags }) => tags.map((tag) => ({ user, item, tag }))),
  );
  const column = (of: 'user' | 'item' | 'tag') => Int32Array.from(rows, (row) => row[of]);
  return evidenceFrom(
    buildTagPosts({ userIndex: column('user'), itemIndex: column('item'), tagIndex: column('tag') }),
  );
}

function expectSame(found: Evidence, expected: Evidence): void {
  const table = ({ size, tags, counts }: Evidence, first: number) =>
    Object.fromEntries(
      Array.from(tags.subarray(0, size), (tag, at) => [tag - first, counts.map((column) => column[at])]),
    );
  const [own, its] = [table(found, TAG), table(expected, 0)];
  expect(Object.keys(own).sort()).toEqual(Object.keys(its).sort());
  for (const [tag, counts] of Object.entries(its)) {
    for (const [source, count] of counts.entries()) expect(own[tag][source]).toBeCloseTo(count, 9);
  }
  for (const [source, total] of expected.totals.entries())
    expect(found.totals[source]).toBeCloseTo(total, 9);
}

it('says what evidence built from the same posts says, however it came about', () => {
  fc.assert(
    fc.property(world, ({ first, changes }) => {
      const evidence = new TagEvidence();
      const posts = [...first];
      for (const [user, own] of first.entries()) evidence.replaceUser(USER + user, live(user, own));
      for (const [user, own] of changes) {
        posts[user] = own;
        evidence.replaceUser(USER + user, live(user, own));
      }
      const expected = fresh(posts);
      for (let user = 0; user < SIZES.users; user++) {
        for (let item = 0; item < SIZES.items; item++) {
          expectSame(evidence.of(USER + user, ITEM + item), expected.of(user, item));
          const put = posts[user].find((own) => own.item === item)?.tags ?? [];
          expect(evidence.tagsPut(USER + user, ITEM + item)).toEqual(put.map((tag) => TAG + tag));
        }
        expectSame(evidence.of(USER + user, null), expected.of(user, -1));
      }
      expectSame(evidence.of(1, ITEM), expected.of(-1, 0));
    }),
    { numRuns: 60 },
  );
});
