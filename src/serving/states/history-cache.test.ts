/** The cache between a statement and the writes that overtake it. */
import type { Database } from '../../database/database';
import { HistoryCache, type HistoryRow } from './history-cache';

const rowOf = (id: number, movies: number[]): HistoryRow => ({
  id,
  gender: null,
  age: null,
  occupation: null,
  movies,
  stars: movies.map(() => 4),
  times: movies.map((_, i) => i),
});

/** A database whose answers come when the test says so. */
function heldDatabase() {
  const held: { answer: (rows: HistoryRow[]) => void; fail: (error: Error) => void }[] = [];
  const query = () => new Promise((answer, fail) => held.push({ answer, fail }));
  return { held, database: { query } as unknown as Database };
}

it('reads a user once, for all who ask meanwhile, and answers from memory afterwards', async () => {
  const { held, database } = heldDatabase();
  const cache = new HistoryCache(database);
  const both = [cache.get(7), cache.get(7)];
  expect(held).toHaveLength(1);
  held[0].answer([rowOf(7, [1, 2])]);
  const [first, second] = await Promise.all(both);
  expect(first).toBe(second);
  expect(await cache.get(7)).toBe(first);
  expect(held).toHaveLength(1);
});

it('does not keep what was read before a change, whichever reading ends first', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const { held, database } = heldDatabase();
    const cache = new HistoryCache(database);
    const old = cache.get(7);
    cache.invalidate(7);
    const fresh = cache.get(7);
    expect(held).toHaveLength(2);
    for (const which of order) {
      held[which].answer([rowOf(7, which === 0 ? [1] : [1, 2])]);
      await (which === 0 ? old : fresh);
    }
    expect(Array.from((await cache.get(7))?.movieIds ?? [])).toEqual([1, 2]);
    expect(held).toHaveLength(2);
  }
});

it('does not keep what was being read when everything was forgotten', async () => {
  const { held, database } = heldDatabase();
  const cache = new HistoryCache(database);
  const old = cache.get(7);
  cache.clear();
  held[0].answer([rowOf(7, [1])]);
  await old;
  void cache.get(7);
  expect(held).toHaveLength(2);
});

it('keeps neither a failure nor an unknown user', async () => {
  const { held, database } = heldDatabase();
  const cache = new HistoryCache(database);
  const failing = cache.get(7);
  held[0].fail(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  const unknown = cache.get(7);
  held[1].answer([]);
  expect(await unknown).toBeNull();
  void cache.get(7);
  expect(held).toHaveLength(3);
});

it('forgets the user who was longest not asked for', async () => {
  const { held, database } = heldDatabase();
  const cache = new HistoryCache(database, { maxUsers: 2 });
  for (const id of [1, 2, 3]) {
    const load = cache.get(id);
    held[held.length - 1].answer([rowOf(id, [])]);
    await load;
  }
  await cache.get(3);
  expect(held).toHaveLength(3);
  void cache.get(1);
  expect(held).toHaveLength(4);
});
