/** Where to measure a list from that tags steer: held-out last ratings of ml-latest-small whose
 *  film carries a tag that at least five other films carry too.
 *  node bench/steering.mjs [file of the trained tower]
 *  Writes bench/results/steering.md. */
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyBefore } from '#dist/interactions/splits.js';
import { meanPoint } from '#dist/models/metric-tower/forward.js';
import { steeredPoint } from '#dist/serving/ranker/steering.js';
import { liveLists } from './support/live-lists.mjs';

const K = 20;
const OTHER_FILMS = 5;
const { model, catalog, split, viewerOf } = await liveLists(
  process.argv[2] ?? join(tmpdir(), 'nearfield-bench-tower.nfa'),
);
const { embeddingSize: d, tagPoints } = model.space;
const { points } = model.placement;

/** [d] of all of them. */
const middleOf = (of) =>
  meanPoint(
    of,
    Array.from({ length: of.length / d }, (_, row) => row),
    d,
  );
const middles = { tags: middleOf(tagPoints), movies: middleOf(points) };
const moved = (point, strength, to, from) => point.map((x, k) => x + strength * (to[k] - from[k]));
const rowsWith = (tagId) => catalog.taggings.moviesWith(tagId).map((movieId) => catalog.rowOf(movieId));

/** One for each user and tag of the film that they rated next. */
const pairs = Array.from(split.parts.TEST.users).flatMap((user, at) => {
  const { relevant, offsets } = split.parts.TEST;
  const viewer = viewerOf(historyBefore(split, user, 'TEST'));
  return Array.from(relevant.subarray(offsets[at], offsets[at + 1])).flatMap((film) =>
    catalog.taggings
      .tagsOf(catalog.movies[film].id)
      .map((tagId) => ({ user, viewer, film, tagId, others: rowsWith(tagId).filter((row) => row !== film) }))
      .filter(({ others }) => others.length >= OTHER_FILMS),
  );
});

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const distances = new Map();
/** Distances of all movies to a user's own point, ascending. */
function distancesOf({ user, viewer }) {
  if (!distances.has(user)) {
    distances.set(
      user,
      Float64Array.from(catalog.movies, (_, row) => model.distanceTo(row, viewer.point)).sort(),
    );
  }
  return distances.get(user);
}
/** @returns per cent of the catalog that lies nearer to the user */
function percentile(pair, row) {
  const distance = model.distanceTo(row, pair.viewer.point);
  const all = distancesOf(pair);
  const nearer = all.findIndex((other) => other >= distance);
  return (100 * (nearer < 0 ? all.length : nearer)) / all.length;
}

function measure([name, pointOf]) {
  const lists = pairs.map((pair) => ({
    pair,
    rows: model.scan.nearest(pointOf(pair), K, pair.viewer.seen).rows,
  }));
  const found = mean(lists.map(({ pair, rows }) => Number(rows.includes(pair.film))));
  const carry = mean(
    lists.map(({ pair, rows }) =>
      mean(rows.map((row) => Number(row === pair.film || pair.others.includes(row)))),
    ),
  );
  const far = mean(lists.map(({ pair, rows }) => mean(rows.map((row) => percentile(pair, row)))));
  return `| ${name} | ${found.toFixed(3)} | ${(100 * carry).toFixed(1)} % | ${far.toFixed(1)} |`;
}

const CASES = [
  ["the user's point u", ({ viewer }) => viewer.point],
  [
    'half way between user and tag',
    ({ viewer, tagId }) => moved(viewer.point, 0.5, model.tagPoint(tagId), viewer.point),
  ],
  ['u + (t − t̄), as served', ({ viewer, tagId }) => steeredPoint(model, viewer.point, [tagId])],
  ['u + 2 (t − t̄)', ({ viewer, tagId }) => moved(viewer.point, 2, model.tagPoint(tagId), middles.tags)],
  [
    "u + (t′ − ī), t′ the middle of the tag's other films",
    ({ viewer, others }) => moved(viewer.point, 1, meanPoint(points, others, d), middles.movies),
  ],
];
const report = `# Lists that a tag steers

\`node bench/steering.mjs\`: ml-latest-small, the default tower (seed 1), lists of ${K} for ${pairs.length} pairs of a user and a tag of the film that they rated last (a rating that training did not see);
the tag is on at least ${OTHER_FILMS} other films. (Of ${new Set(pairs.map(({ user }) => user)).size} users, ${new Set(pairs.map(({ tagId }) => tagId)).size} tags.) Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.

| measured from | the film is found | carry the tag | mean percentile of distance to the user |
| --- | --- | --- | --- |
${CASES.map(measure).join('\n')}

t̄ is the middle of all tags, ī of all films. The tag stood on the film in training, which helps to find it by t; the last row does without. Percentile: the share of the
catalog that lies nearer to the user than a film of the list.
`;
console.log(report);
writeFileSync(new URL('results/steering.md', import.meta.url), report);
