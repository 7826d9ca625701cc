/** What it costs and gives when low ratings push away: the metric tower on ml-latest-small, a
 *  random part of each user's ratings held out.
 *  node bench/dislikes.mjs [--backend native|wasm] [--part VALIDATION|TEST] [--seed N]
 *       [--set name=value …]   (bench/results/dislikes.md)
 *  @import { UserHistory } from '#dist/interactions/interaction-log.js' */
import { parseArgs } from 'node:util';
import { historyBefore, prepareSplit, SPLIT_NAMES } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { mean, oneOf, settingsOf, trainTower } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'seeds/ml-latest-small' },
    backend: { type: 'string', default: 'auto' },
    part: { type: 'string', default: 'VALIDATION' },
    seed: { type: 'string', default: '1' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = settingsOf(values.set);
const K = 20;
const NEIGHBOURS = 10;
const { data } = await readDataset(values.folder);
const split = prepareSplit(data, { scheme: 'HOLDOUT', seed: 1 });
const { model, space } = await trainTower(split, {
  settings: given,
  seed: values.seed,
  backend: values.backend,
  validates: false,
});
const { full } = split;
const d = space.embeddingSize;
const items = space.itemIds.length;
const name = oneOf('part', SPLIT_NAMES, values.part);
const part = split.parts[name];
/** @param {number} user @param {number} item */
const starsOf = (user, item) => {
  for (let row = full.offsets[user]; row < full.offsets[user + 1]; row++)
    if (full.itemIndex[row] === item) return full.value[row];
  throw new Error('A held-out movie that its user has not rated.');
};
/** Ranks of all items, 0 for the nearest; those of the history last.
 *  @param {UserHistory} history */
function ranksFor(history) {
  const scores = model.score([history]);
  for (const item of history.items) scores[item] = Number.NEGATIVE_INFINITY;
  const order = Int32Array.from({ length: items }, (_, item) => item).sort(
    (a, b) => scores[b] - scores[a] || a - b,
  );
  const ranks = new Int32Array(items);
  order.forEach((item, rank) => {
    ranks[item] = rank;
  });
  return { ranks, order };
}
/** @param {number} item @param {ReadonlySet<number>} without */
function nearest(item, without) {
  /** @param {number} other */
  const distance = (other) => {
    let sum = 0;
    for (let k = 0; k < d; k++)
      sum += (space.itemPoints[item * d + k] - space.itemPoints[other * d + k]) ** 2;
    return sum;
  };
  return Array.from({ length: items }, (_, other) => other)
    .filter((other) => other !== item && !without.has(other))
    .map((other) => ({ other, distance: distance(other) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEIGHBOURS)
    .map(({ other }) => other);
}
/** @param {UserHistory} history @param {number} item @param {number} value
 *  @returns {UserHistory} */
const rated = ({ items: known, values: stars, timestamps, demographics }, item, value) => ({
  items: Int32Array.of(...known, item),
  values: Float32Array.of(...stars, value),
  timestamps: Float64Array.of(...timestamps, timestamps.at(-1) ?? 0),
  demographics,
});
/** @type {Record<'all' | 'liked' | 'disliked', number[]>} */
const recall = { all: [], liked: [], disliked: [] };
/** @type {number[]} */
const order = [];
/** @type {Record<0.5 | 5, number[]>} */
const receded = { 0.5: [], 5: [] };
part.users.forEach((user, u) => {
  const history = historyBefore(split, user, name);
  if (history.items.length === 0) return;
  const { ranks, order: list } = ranksFor(history);
  const held = Array.from(part.relevant.subarray(part.offsets[u], part.offsets[u + 1]), (item) => ({
    rank: ranks[item],
    stars: starsOf(user, item),
  }));
  /** @param {number[]} recalls @param {typeof held} among */
  const share = (recalls, among) =>
    among.length > 0 && recalls.push(mean(among.map(({ rank }) => (rank < K ? 1 : 0))));
  const liked = held.filter(({ stars }) => stars >= 4);
  const disliked = held.filter(({ stars }) => stars <= 2);
  share(recall.all, held);
  share(recall.liked, liked);
  share(recall.disliked, disliked);
  if (liked.length > 0 && disliked.length > 0)
    order.push(mean(liked.flatMap((l) => disliked.map((x) => (l.rank < x.rank ? 1 : 0)))));
  // The first of the list is rated: what becomes of what lies near it?
  const around = nearest(list[0], new Set(history.items));
  const before = mean(around.map((item) => ranks[item]));
  for (const stars of /** @type {const} */ ([0.5, 5])) {
    const after = ranksFor(rated(history, list[0], stars)).ranks;
    receded[stars].push(mean(around.map((item) => after[item])) > before ? 1 : 0);
  }
});
/** @param {number[]} numbers */
const f = (numbers) => mean(numbers).toFixed(4);
const weights = Array.from(space.userTower.levelWeights, (weight) => weight.toFixed(2))
  .slice(1)
  .join(' ');
console.log(`settings ${JSON.stringify(given)}, weights of 0.5 to 5 stars: ${weights}`);
console.log(
  `recall@${K} of all ${f(recall.all)} (${recall.all.length} users), of 4 stars and more ${f(recall.liked)} (${recall.liked.length}), of 2 and fewer ${f(recall.disliked)} (${recall.disliked.length})`,
);
console.log(
  `a liked one before a disliked one ${f(order)} (${order.length}); neighbours recede after 0.5 stars for ${f(receded[0.5])} of users, after 5 stars for ${f(receded[5])}`,
);
