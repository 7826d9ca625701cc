/** Where to measure a list from that tags steer: held-out last ratings of ml-latest-small whose
 *  film carries a tag that at least five other films carry too.
 *  node bench/steering.mjs [file of the trained tower]
 *  Writes bench/results/steering.md.
 *  @import { Viewer } from '#dist/serving/ranker/ranking.js'
 *  @typedef {{ user: number, viewer: Viewer, point: Float32Array, film: number, tagId: number,
 *    tagPoint: Float32Array, others: number[] }} Pair */
import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyBefore } from '#dist/interactions/splits.js';
import { meanPoint } from '#dist/models/metric-tower/forward.js';
import { steeredPoint } from '#dist/serving/ranker/steering.js';
import { liveLists } from './support/live-lists.mjs';
import { NODE, TODAY, writeReport } from './support/report.mjs';
import { mean } from './support/study.mjs';

const K = 20;
const OTHER_FILMS = 5;
const { model, catalog, split, viewerOf } = await liveLists(
  process.argv[2] ?? join(tmpdir(), 'nearfield-bench-tower.nfa'),
);
const { embeddingSize: d, tagPoints } = model.space;
const { points } = model.placement;

/** @param {Float32Array} of [n, d] @returns [d] */
const middleOf = (of) =>
  meanPoint(
    of,
    Array.from({ length: of.length / d }, (_, row) => row),
    d,
  );
const middles = { tags: middleOf(tagPoints), movies: middleOf(points) };
/** @param {Float32Array} point @param {number} strength @param {Float32Array} to
 *  @param {Float32Array} from */
const moved = (point, strength, to, from) => point.map((x, k) => x + strength * (to[k] - from[k]));
/** @param {number} tagId */
const rowsWith = (tagId) =>
  catalog.taggings.moviesWith(tagId).flatMap((movieId) => catalog.rowOf(movieId) ?? []);

/** One for each user and tag of the film that they rated next.
 *  @type {Pair[]} */
const pairs = Array.from(split.parts.TEST.users).flatMap((user, at) => {
  const { relevant, offsets } = split.parts.TEST;
  const viewer = viewerOf(historyBefore(split, user, 'TEST'));
  const point = /** @type {Float32Array} */ (viewer.point);
  return Array.from(relevant.subarray(offsets[at], offsets[at + 1])).flatMap((film) =>
    catalog.taggings
      .tagsOf(catalog.movies[film].id)
      .map((tagId) => {
        const tagPoint = /** @type {Float32Array} */ (model.tagPoint(tagId));
        const others = rowsWith(tagId).filter((row) => row !== film);
        return { user, viewer, point, film, tagId, tagPoint, others };
      })
      .filter(({ others }) => others.length >= OTHER_FILMS),
  );
});

/** @type {Map<number, Float64Array>} */
const distances = new Map();
/** @param {Pair} pair @returns distances of all movies to the user's own point, ascending */
function distancesOf({ user, point }) {
  const known =
    distances.get(user) ??
    Float64Array.from(catalog.movies, (_, row) => model.distanceTo(row, point)).sort();
  distances.set(user, known);
  return known;
}
/** @param {Pair} pair @param {number} row
 *  @returns per cent of the catalog that lies nearer to the user */
function percentile(pair, row) {
  const distance = model.distanceTo(row, pair.point);
  const all = distancesOf(pair);
  const nearer = all.findIndex((other) => other >= distance);
  return (100 * (nearer < 0 ? all.length : nearer)) / all.length;
}

/** @param {string} name @param {(pair: Pair) => Float32Array | null} pointOf */
function measure(name, pointOf) {
  const lists = pairs.map((pair) => ({
    pair,
    rows: [...model.scan.nearest(/** @type {Float32Array} */ (pointOf(pair)), K, pair.viewer.seen).rows],
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

/** @type {[string, (pair: Pair) => Float32Array | null][]} */
const CASES = [
  ["the user's point u", ({ point }) => point],
  ['half way between user and tag', ({ point, tagPoint }) => moved(point, 0.5, tagPoint, point)],
  ['u + (t − t̄), as served', ({ point, tagId }) => steeredPoint(model, point, [tagId])],
  ['u + 2 (t − t̄)', ({ point, tagPoint }) => moved(point, 2, tagPoint, middles.tags)],
  [
    "u + (t′ − ī), t′ the middle of the tag's other films",
    ({ point, others }) => moved(point, 1, meanPoint(points, others, d), middles.movies),
  ],
];
const report = `# Lists that a tag steers

\`node bench/steering.mjs\`: ml-latest-small, the default tower (seed 1), lists of ${K} for ${pairs.length} pairs of a user and a tag of the film that they rated last (a rating that training did not see);
the tag is on at least ${OTHER_FILMS} other films. (Of ${new Set(pairs.map(({ user }) => user)).size} users, ${new Set(pairs.map(({ tagId }) => tagId)).size} tags.) ${NODE}, ${TODAY}.

| measured from | the film is found | carry the tag | mean percentile of distance to the user |
| --- | --- | --- | --- |
${CASES.map(([name, pointOf]) => measure(name, pointOf)).join('\n')}

t̄ is the middle of all tags, ī of all films. The tag stood on the film in training, which helps to find it by t; the last row does without. Percentile: the share of the
catalog that lies nearer to the user than a film of the list.
`;
writeReport('steering', report);
