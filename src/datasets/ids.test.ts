/** Sets of ids, small ones as bits and the others as they come; tags that the index cannot hold. */
import fc from 'fast-check';
import { IdCollector } from './id-collector';
import { IdSet, LARGEST_ID, splitGenres } from './ids';

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

it('IdCollector gives each id once, ascending, without those removed', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 30 }), fc.array(id, { maxLength: 10 }), (added, removed) => {
      const ids = new IdCollector();
      for (const value of added) ids.add(value);
      for (const value of removed) ids.remove(value);
      const expected = [...new Set(added)].filter((value) => !removed.includes(value)).sort((a, b) => a - b);
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
  expect(splitGenres(text)).toEqual(genres);
});
