/** How much the order of ratings matters: what is left of a system's lead when the order within one
 *  second is drawn at random, when the last visit is held out instead of the last rating, and under
 *  one cut in time. On the ratings of ML-1M whose times are known (users 1 to 2998).
 *  node bench/order.mjs [--file ratings.dat.gz] [--backend native|wasm] [--algorithm NAME …]
 *       [--case NAME …] [--set name=value …]
 *  `--set` goes to TWO_TOWER. Prints Markdown; results in bench/results/order.md.
 *  @import { SplitScheme } from '#dist/interactions/splits.js'
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '#dist/interactions/build.js';
import { shuffleEqualTimes } from '#dist/interactions/shuffle-equal-times.js';
import { prepareSplit } from '#dist/interactions/splits.js';
import { movieSystem, oneOf, settingsOf, train } from './support/study.mjs';

/** @type {Record<string, { scheme: SplitScheme, shuffled?: boolean }>} */
const CASES = {
  'last rating': { scheme: 'LEAVE_LAST_OUT' },
  'last rating, equal times shuffled': { scheme: 'LEAVE_LAST_OUT', shuffled: true },
  'last visit': { scheme: 'LAST_VISIT' },
  'time split': { scheme: 'TIME' },
};
const { values } = parseArgs({
  options: {
    file: { type: 'string', default: '../shared/data/ml-1m/ratings-first-2998-users.dat.gz' },
    backend: { type: 'string', default: 'auto' },
    algorithm: { type: 'string', multiple: true, default: ['POPULARITY', 'ITEM_KNN', 'EASE', 'TWO_TOWER'] },
    case: { type: 'string', multiple: true, default: Object.keys(CASES) },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const towerSettings = settingsOf(values.set);

const rows = gunzipSync(readFileSync(values.file)).toString('latin1').split('\n').filter(Boolean);
const columns = rows.map((row) => row.split('::').map(Number));
/** @param {number} n */
const column = (n) => Float64Array.from(columns, (row) => row[n]);
const log = buildInteractionLog({
  userId: column(0),
  itemId: column(1),
  value: column(2),
  timestamp: column(3),
  ordinal: Int32Array.from(columns.keys()),
});
const itemFeatures = buildItemFeatures(log.items, { itemId: [], genres: [], year: [] });
const taggings = buildTagLog({ userId: [], itemId: [], tagId: [], timestamp: [], ordinal: [] }, log);

const started = performance.now();
describeTimes();
console.log(
  '| held out | system | users | to find a user | recall@10 | NDCG@10 | among 99: recall@10 | training s |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const name of values.case.map((each) => oneOf('case', Object.keys(CASES), each))) {
  const { scheme, shuffled } = CASES[name];
  const interactions = shuffled ? shuffleEqualTimes(log, 1) : log;
  const split = prepareSplit({ interactions, itemFeatures, taggings, demographics: null }, { scheme });
  const { users, relevant } = split.parts.TEST;
  for (const system of values.algorithm) {
    const { model, seconds } = await train(movieSystem(system), split, {
      settings: system === 'TWO_TOWER' ? towerSettings : {},
      backend: values.backend,
    });
    const measured = (await evaluate(model, split, { splits: ['TEST'] })).rows;
    /** @param {boolean} sampled @param {string} metric */
    const figure = (sampled, metric) =>
      measured
        .find(
          (row) =>
            (row.protocol === 'SAMPLED_LAST_ITEM') === sampled && row.metric === metric && row.k === 10,
        )
        ?.mean.toFixed(4) ?? '';
    const size = (relevant.length / users.length).toFixed(1);
    console.log(
      `| ${name} | ${system} | ${users.length} | ${size} | ${figure(false, 'recall')} | ${figure(false, 'ndcg')} | ${figure(true, 'recall')} | ${seconds.toFixed(0)} |`,
    );
  }
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s in all.`);

/** How the ratings lie in time. */
function describeTimes() {
  let [shared, visits] = [0, 0];
  /** @type {number[]} */
  const gaps = [];
  for (let user = 0; user < log.users.size; user++) {
    const [from, until] = [log.offsets[user], log.offsets[user + 1]];
    const last = log.timestamp[until - 1] - log.timestamp[until - 2];
    gaps.push(last);
    if (last === 0) shared++;
    for (let row = from + 1; row < until; row++)
      if (log.timestamp[row] - log.timestamp[row - 1] >= 3600) visits++;
    visits++;
  }
  const median = gaps.sort((a, b) => a - b)[gaps.length >> 1];
  console.log(
    `${log.users.size} users, ${log.items.size} movies, ${log.itemIndex.length} ratings; gap before the last rating: ${median} s in the median, none for ${((100 * shared) / log.users.size).toFixed(0)} %; ${(visits / log.users.size).toFixed(2)} visits a user.\n`,
  );
}
