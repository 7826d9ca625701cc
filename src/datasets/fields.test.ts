/** Sets of ids, small ones as bytes and the others as they come; genres and years as the releases
 *  spell them. */
import fc from 'fast-check';
import { genresOf, IdSet, LARGEST_ID, yearOfTitle } from './fields';

const id = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: LARGEST_ID }),
  fc.constantFrom(2 ** 24 - 1, 2 ** 24, 2 ** 26 - 1, 2 ** 26),
);

it('IdSet has what it was given', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 30 }), fc.array(id, { maxLength: 30 }), (given, asked) => {
      const set = new IdSet(given);
      for (const value of [...given, ...asked]) expect(set.has(value)).toBe(given.includes(value));
    }),
    { numRuns: 30 },
  );
});

it('IdSet gives each id once, ascending, without those removed', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 30 }), fc.array(id, { maxLength: 10 }), (added, removed) => {
      const ids = new IdSet();
      for (const value of added) ids.add(value);
      for (const value of removed) ids.delete(value);
      const expected = [...new Set(added)]
        .filter((value) => !removed.includes(value))
        .sort((a, b) => a - b);
      expect([...ids.toArray()]).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

it.each([
  ['Adventure|Children', ['Adventure', 'Children']],
  ['(no genres listed)', []],
  ['', []],
  ['Drama|Drama|', ['Drama']],
])('genres of %j are %j', (text, genres) => {
  expect(genresOf(text, { file: 'movies.csv', line: 2 })).toEqual(genres);
});

it.each([
  ['Toy Story (1995)', 1995],
  ['From Dusk Till Dawn 2: Texas Blood Money (1999) ', 1999],
  ['Death Note: Desu nôto (2006–2007)', 2006],
  ['Fawlty Towers (1975-1979)', 1975],
  ['Diplomatic Immunity (2009– )', 2009],
  ['Big Bang Theory, The (2007-)', 2007],
  ['Land Before Time III: The Time of the Great Giving (1995) (V)', 1995],
  ['Stranger, The (1996/I)', 1996],
  ['3 dev adam (Three Giant Men) (1973) ', 1973],
  ['Wonder Woman (1974))', 1974],
  ['2001: A Space Odyssey (1968)', 1968],
  ['1984', null],
  ['Babylon 5', null],
  ['unknown', null],
  ['Space (3001)', null],
  ['Old (1700)', null],
  ['Half (199)', null],
  ['', null],
])('%j is of %s', (title, year) => {
  expect(yearOfTitle(title)).toBe(year);
});

it('takes no long time over a long run of brackets and spaces', () => {
  const started = performance.now();
  expect(yearOfTitle(`${'(1999'.repeat(2_000)}${' '.repeat(10_000)}x`)).toBeNull();
  expect(yearOfTitle(`(1999${')'.repeat(10_000)}${' '.repeat(10_000)}x`)).toBeNull();
  expect(performance.now() - started).toBeLessThan(1_000);
});
