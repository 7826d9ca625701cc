/** What the options do to accuracy, popularity, coverage and diversity of lists of 20, on the
 *  held-out last ratings of ml-latest-small.
 *  node bench/lists.mjs [file of the trained tower]
 *  Writes bench/results/lists.md.
 *  @import { ListOptions } from '#dist/serving/ranker/reranking.js' */
import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverage } from '#dist/evaluation/metrics/coverage.js';
import { gini } from '#dist/evaluation/metrics/gini.js';
import { novelty } from '#dist/evaluation/metrics/novelty.js';
import { popularityLift } from '#dist/evaluation/metrics/popularity-lift.js';
import { historyBefore } from '#dist/interactions/splits.js';
import { rankFor } from '#dist/serving/ranker/ranking.js';
import { PLAIN } from '#dist/serving/ranker/reranking.js';
import { liveLists } from './support/live-lists.mjs';
import { NODE, TODAY, writeReport } from './support/report.mjs';
import { mean } from './support/study.mjs';

const K = 20;
const { model, catalog, split, popularity, viewerOf } = await liveLists(
  process.argv[2] ?? join(tmpdir(), 'nearfield-bench-tower.nfa'),
);
const { users, offsets, relevant } = split.parts.TEST;
const people = Array.from(users, (user, at) => {
  const history = historyBefore(split, user, 'TEST');
  const known =
    history.items.reduce((sum, item) => sum + popularity.counts[item], 0) / history.items.length;
  return { user, viewer: viewerOf(history), truth: relevant.subarray(offsets[at], offsets[at + 1]), known };
});
/** @param {readonly number[]} rows */
function intraListDistance(rows) {
  let sum = 0;
  for (let a = 0; a < rows.length; a++)
    for (let b = 0; b < a; b++) sum += model.distanceTo(rows[a], model.pointOf(rows[b]));
  return sum / ((rows.length * (rows.length - 1)) / 2);
}

/** @param {string} name @param {Partial<ListOptions>} options */
function measure(name, options) {
  const exploring = options.exploration !== undefined;
  const lists = people.map(({ user, viewer }) =>
    rankFor(
      viewer,
      { k: K, options: { ...PLAIN, ...options, ...(exploring && { seed: user }) } },
      'PERSONAL',
    ),
  );
  const rows = lists.map((list) => Int32Array.from(list.rows));
  const shown = {
    itemCount: catalog.size,
    popularity,
    historyPopularity: Float64Array.from(people, ({ known }) => known),
  };
  const figures = [
    mean(
      lists.map(
        (list, i) =>
          people[i].truth.filter((item) => list.rows.includes(item)).length / people[i].truth.length,
      ),
    ).toFixed(3),
    popularityLift.compute(rows, shown, K).toFixed(2),
    mean(rows.map((list, i) => novelty.compute(list, new Set(people[i].truth), K, popularity))).toFixed(2),
    coverage.compute(rows, shown, K).toFixed(3),
    gini.compute(rows, shown, K).toFixed(3),
    mean(lists.map((list) => intraListDistance(list.rows))).toFixed(2),
    mean(lists.map((list) => mean(list.distances))).toFixed(2),
    mean(lists.map((list) => mean(list.rows.map((row) => catalog.movies[row].year ?? 1990)))).toFixed(0),
  ];
  return `| ${name} | ${figures.join(' | ')} |`;
}

/** @type {[string, Partial<ListOptions>][]} */
const cases = [['the plain list', {}]];
for (const diversity of [0.1, 0.2, 0.3, 0.5, 0.7]) cases.push([`diversity ${diversity}`, { diversity }]);
for (const novel of [-0.5, -0.2, 0.1, 0.2, 0.3, 0.5]) cases.push([`novelty ${novel}`, { novelty: novel }]);
for (const freshness of [0.1, 0.2, 0.3, 0.5]) cases.push([`freshness ${freshness}`, { freshness }]);
for (const exploration of [0.05, 0.1, 0.2, 0.5, 1])
  cases.push([`exploration ${exploration}`, { exploration }]);
const report = `# What the options of a list do

\`node bench/lists.mjs\`: ml-latest-small, the default tower (seed 1), lists of ${K} for ${people.length} users, ranked by the code of the server over the whole catalogue; what is found is each
user's last rating, which training did not see. Nothing was tuned on these figures. ${NODE}, ${TODAY}.

| | recall@20 | popularity lift | novelty, bits | coverage | Gini | intra-list distance | distance to the user | mean year |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${cases.map(([name, options]) => measure(name, options)).join('\n')}

Lift: mean number of ratings of what is shown over that of what the users chose themselves. Novelty: mean −log2 of the share of users who rated a movie. Coverage: share of
the ${catalog.size} movies that is in somebody's list. Gini: 0 when all movies are shown equally often. Intra-list distance: mean Euclidean distance of two movies of a list.
Each user explored with a seed of their own.
`;
writeReport('lists', report);
