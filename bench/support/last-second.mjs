/** ML-1M's published test item is a random one of those that its user rated in the last second; in
 *  the order of the file it would be the last of them. Here: a validation item of the same kind,
 *  and where a held-out item lies in time, for the users whose times are known.
 *  @import { TrainingData } from '#dist/interactions/interaction-log.js'
 *  @typedef {Map<number, { time: number, place: number }>} UserTimes by movie id: seconds since
 *    1970, line of the file
 *  @typedef {Map<number, UserTimes>} Times by user id */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Random } from '#dist/numeric/random.js';

/** @param {string} file */
export function readTimes(file) {
  /** @type {Times} */
  const known = new Map();
  const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n').filter(Boolean);
  lines.forEach((line, place) => {
    const [user, movie, , time] = line.split('::').map(Number);
    const own = known.get(user) ?? new Map();
    known.set(user, own.set(movie, { time, place }));
  });
  return known;
}

/** Moves a random one of the ratings in the last second of what a user of known times has but the
 *  last item to its end; other users stay as they are.
 *  @param {TrainingData} data @param {Times} times @param {number} seed
 *  @returns {TrainingData} changed in nothing but the order of rows */
export function drawLastButOne(data, times, seed) {
  const { interactions: log } = data;
  const itemIndex = log.itemIndex.slice();
  const random = new Random(seed);
  for (let user = 0; user < log.users.size; user++) {
    const own = times.get(log.users.ids[user]);
    if (own === undefined) continue;
    const rows = itemIndex.subarray(log.offsets[user], log.offsets[user + 1] - 1);
    const timeOf = (/** @type {number} */ item) => own.get(log.items.ids[item])?.time;
    let from = rows.length - 1;
    while (from > 0 && timeOf(rows[from - 1]) === timeOf(rows[rows.length - 1])) from--;
    const drawn = from + random.integerBelow(rows.length - from);
    const item = rows[drawn];
    rows.copyWithin(drawn, drawn + 1);
    rows[rows.length - 1] = item;
  }
  return { ...data, interactions: { ...log, itemIndex } };
}

/** @param {number[]} items ids of what a user rated, oldest first, the held-out item last
 *  @param {UserTimes} own of all of these
 *  @returns when the held-out item was rated, beside the one before it */
export function standing(items, own) {
  const rated = items.map((item) => /** @type {{ time: number, place: number }} */ (own.get(item)));
  const [before, found] = rated.slice(-2);
  const gap = found.time - before.time;
  if (gap > 0)
    return gap < 60
      ? 'within a minute'
      : gap < 600
        ? 'after one to ten minutes'
        : 'after ten minutes or more';
  const second = rated.filter(({ time }) => time === found.time);
  return second.every(({ place }) => place <= found.place)
    ? 'same second, last in the file'
    : 'same second, not last in the file';
}
