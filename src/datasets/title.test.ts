/** Years out of titles as the releases spell them. */
import { yearOfTitle } from './title';

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
