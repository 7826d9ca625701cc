/** ML-1M's published test item is any of those that its user rated in the last second, where the file's own order would have its last.
 *  Here: a validation item of the same kind, and how an item to be found stands to its history, for the users whose times are known. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Random } from '#dist/numeric/random.js';

/** @returns user id → (movie id → { time, place in the file }) */
export function readTimes(file) {
  const known = new Map();
  const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n').filter(Boolean);
  lines.forEach((line, place) => {
    const [user, movie, , time] = line.split('::').map(Number);
    if (!known.has(user)) known.set(user, new Map());
    known.get(user).set(movie, { time, place });
  });
  return known;
}

/** What a user of known times has but the last item, so that a random one of its last second stands at the end; other users as they are.
 *  @returns the data, changed in nothing but the order of rows */
export function drawLastButOne(data, times, seed) {
  const { interactions: log } = data;
  const itemIndex = log.itemIndex.slice();
  const random = new Random(seed);
  for (let user = 0; user < log.users.size; user++) {
    const own = times.get(log.users.ids[user]);
    if (own === undefined) continue;
    const rows = itemIndex.subarray(log.offsets[user], log.offsets[user + 1] - 1);
    const timeOf = (item) => own.get(log.items.ids[item]).time;
    let from = rows.length - 1;
    while (from > 0 && timeOf(rows[from - 1]) === timeOf(rows[rows.length - 1])) from--;
    const drawn = from + random.integerBelow(rows.length - from);
    const item = rows[drawn];
    rows.copyWithin(drawn, drawn + 1);
    rows[rows.length - 1] = item;
  }
  return { ...data, interactions: { ...log, itemIndex } };
}

/** @param items what a user rated, oldest first, the item to be found last @param own times and places of these
 *  @returns how that item stands to what came before */
export function standing(items, own) {
  const [before, found] = items.slice(-2).map((item) => own.get(item));
  const gap = found.time - before.time;
  if (gap > 0)
    return gap < 60
      ? 'within a minute'
      : gap < 600
        ? 'after one to ten minutes'
        : 'after ten minutes or more';
  const second = items.map((item) => own.get(item)).filter(({ time }) => time === found.time);
  return second.every(({ place }) => place <= found.place)
    ? 'same second, last in the file'
    : 'same second, not last in the file';
}
