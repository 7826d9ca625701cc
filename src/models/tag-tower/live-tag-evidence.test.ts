/** Held to the evidence that training works with. */
import fc from 'fast-check';
import { buildTagPosts } from '../../interactions/tag-posts';
import { type LivePost, LiveTagEvidence } from './live-tag-evidence';
import { type Evidence, TagEvidence } from './tag-evidence';

const SIZES = { users: 5, items: 6, tags: 7 };
/** Ids are no dense indices. */
const [USER, ITEM, TAG] = [100, 200, 300];

const post = fc.record({
  item: fc.integer({ min: 0, max: SIZES.items - 1 }),
  tags: fc.uniqueArray(fc.integer({ min: 0, max: SIZES.tags - 1 }), { minLength: 1, maxLength: 4 }),
});
type Post = { item: number; tags: number[] };
const postsOfUser = fc.uniqueArray(post, { selector: ({ item }) => item, maxLength: 5 });
/** Each user's posts, and then what some of them have instead. */
const world = fc.record({
  first: fc.array(postsOfUser, { minLength: SIZES.users, maxLength: SIZES.users }),
  changes: fc.array(fc.tuple(fc.integer({ min: 0, max: SIZES.users - 1 }), postsOfUser), { maxLength: 6 }),
});

const live = (user: number, posts: readonly Post[]): LivePost[] =>
  posts.map(({ item, tags }) => ({
    user: USER + user,
    item: ITEM + item,
    tags: tags.map((tag) => TAG + tag),
  }));

function fresh(posts: readonly (readonly Post[])[]): TagEvidence {
  const rows = posts.flatMap((own, user) =>
    own.flatMap(({ item, tags }) => tags.map((tag) => ({ user, item, tag }))),
  );
  const column = (of: 'user' | 'item' | 'tag') => Int32Array.from(rows, (row) => row[of]);
  return new TagEvidence(
    buildTagPosts({ userIndex: column('user'), itemIndex: column('item'), tagIndex: column('tag') }),
    SIZES,
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
  for (const [source, total] of expected.totals.entries()) expect(found.totals[source]).toBeCloseTo(total, 9);
}

it('says what evidence built from the same posts says, however it came about', () => {
  fc.assert(
    fc.property(world, ({ first, changes }) => {
      const evidence = new LiveTagEvidence();
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
