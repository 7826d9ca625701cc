/** What a film lover should look at: the lists of five users of ml-latest-small, and one user's
 *  lists under ten filters.
 *  node bench/lists-table.mjs [file of the trained tower]
 *  Writes bench/results/lists-table.md. */
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING } from '#dist/catalog/movie-filter.js';
import { rankFor } from '#dist/serving/ranker/ranking.js';
import { liveLists } from './support/live-lists.mjs';

const USERS = [1, 42, 62, 318, 599];
const FILTERED = 62;
const { catalog, split, viewerOf, tagIds } = await liveLists(
  process.argv[2] ?? join(tmpdir(), 'nearfield-bench-tower.nfa'),
);
const { full } = split;

/** Everything that the user rated, oldest first, as the server would know it. */
function historyOf(userId) {
  const user = full.users.indexOf(userId);
  const [from, to] = [full.offsets[user], full.offsets[user + 1]];
  return {
    items: full.itemIndex.subarray(from, to),
    values: full.value.subarray(from, to),
    timestamps: full.timestamp.subarray(from, to),
    demographics: undefined,
  };
}
const titleOf = (row) => catalog.movies[row].title.replaceAll('|', '/');
const listOf = (userId, k, filter = {}) => {
  const { rows, distances } = rankFor(
    viewerOf(historyOf(userId)),
    { k, filter: { ...EVERYTHING, ...filter } },
    'PERSONAL',
  );
  return { titles: rows.map(titleOf), distances };
};
/** The films with the most stars, the newest ratings first. */
function favourites(userId, count) {
  const { items, values } = historyOf(userId);
  return Array.from(items, (row, at) => ({ row, at, stars: values[at] }))
    .sort((a, b) => b.stars - a.stars || b.at - a.at)
    .slice(0, count)
    .map(({ row, stars }) => `${titleOf(row)} ${stars}`);
}
function tag(name) {
  const id = tagIds.get(name);
  if (id === undefined) throw new Error(`Nobody used the tag ${name}.`);
  return id;
}

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
  (userId) => `| ${userId} | ${listOf(userId, 6, { nearTagIds: [tag('time travel')] }).titles.join(', ')} |`,
);
const report = `# Lists to look at

\`node bench/lists-table.mjs\`: ml-latest-small, the default tower (seed 1), ranked by the code of the server after everything that each user rated.
Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.

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
console.log(report);
writeFileSync(new URL('results/lists-table.md', import.meta.url), report);
