/** Lists to look at: those of five users of ml-latest-small, and one user's under ten filters.
 *  node bench/lists-table.mjs [file of the trained tower]
 *  Writes bench/results/lists-table.md.
 *  @import { CheckedFilter } from '#dist/catalog/movie-filter.js' */
import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING } from '#dist/catalog/movie-filter.js';
import { rankFor } from '#dist/serving/ranker/ranking.js';
import { liveLists } from './support/live-lists.mjs';
import { NODE, TODAY, writeReport } from './support/report.mjs';

const USERS = [1, 42, 62, 318, 599];
const FILTERED = 62;
const { catalog, split, viewerOf, tagIds } = await liveLists(
  process.argv[2] ?? join(tmpdir(), 'nearfield-bench-tower.nfa'),
);
const { full } = split;

/** Everything that the user rated, oldest first, as the server would know it.
 *  @param {number} userId */
function historyOf(userId) {
  const user = /** @type {number} */ (full.users.indexOf(userId));
  const [from, to] = [full.offsets[user], full.offsets[user + 1]];
  return {
    items: full.itemIndex.subarray(from, to),
    values: full.value.subarray(from, to),
    timestamps: full.timestamp.subarray(from, to),
    demographics: undefined,
  };
}
/** @param {number} row */
const titleOf = (row) => catalog.movies[row].title.replaceAll('|', '/');
/** @param {number} userId @param {number} k @param {Partial<CheckedFilter>} filter */
const listOf = (userId, k, filter = {}) => {
  const { rows, distances } = rankFor(
    viewerOf(historyOf(userId)),
    { k, filter: { ...EVERYTHING, ...filter } },
    'PERSONAL',
  );
  return { titles: rows.map(titleOf), distances };
};
/** The films with the most stars, the newest ratings first.
 *  @param {number} userId @param {number} count */
function favourites(userId, count) {
  const { items, values } = historyOf(userId);
  return Array.from(items, (row, at) => ({ row, at, stars: values[at] }))
    .sort((a, b) => b.stars - a.stars || b.at - a.at)
    .slice(0, count)
    .map(({ row, stars }) => `${titleOf(row)} ${stars}`);
}
/** @param {string} name */
function tag(name) {
  const id = tagIds.get(name);
  if (id === undefined) throw new Error(`Nobody used the tag ${name}.`);
  return id;
}

/** @type {[string, Partial<CheckedFilter>][]} */
const FILTERS = [
  ['nothing', {}],
  ['`genresAnyOf: ["Horror"]`', { genresAnyOf: ['Horror'] }],
  [
    '`genresAnyOf: ["Animation"], genresNoneOf: ["Children"]`',
    { genresAnyOf: ['Animation'], genresNoneOf: ['Children'] },
  ],
  ['`yearTo: 1969`', { yearTo: 1969 }],
  ['`yearFrom: 2015`', { yearFrom: 2015 }],
  ['`minRatings: 100`', { minRatings: 100 }],
  ['`tagsAnyOf:` *twist ending*', { tagsAnyOf: [tag('twist ending')] }],
  ['`seen: SEEN`', { seen: 'SEEN' }],
  ['`nearTagIds:` *time travel*', { nearTagIds: [tag('time travel')] }],
  ['`nearTagIds:` *film noir*', { nearTagIds: [tag('film noir')] }],
];
const people = USERS.map((userId) => {
  const { titles } = listOf(userId, 10);
  return `| ${userId} (${historyOf(userId).items.length} ratings) | ${favourites(userId, 8).join(', ')} | ${titles.join(', ')} |`;
});
const filtered = FILTERS.map(
  ([name, filter]) => `| ${name} | ${listOf(FILTERED, 8, filter).titles.join(', ')} |`,
);
const others = USERS.filter((userId) => userId !== FILTERED).map(
  (userId) =>
    `| ${userId} | ${listOf(userId, 6, { nearTagIds: [tag('time travel')] }).titles.join(', ')} |`,
);
const report = `# Lists to look at

\`node bench/lists-table.mjs\`: ml-latest-small, the default tower (seed 1), ranked by the code of the server after everything that each user rated.
${NODE}, ${TODAY}.

| user | films with the most stars, newest ratings first | the ten nearest unseen films |
| --- | --- | --- |
${people.join('\n')}

User ${FILTERED} under ten filters:

| filter | the eight nearest |
| --- | --- |
${filtered.join('\n')}

The same mood for the other four, \`nearTagIds:\` *time travel*:

| user | the six nearest |
| --- | --- |
${others.join('\n')}
`;
writeReport('lists-table', report);
