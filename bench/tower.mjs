/** Trains the metric tower on ml-latest-small and measures it on validation data (or test data:
 *  --test).
 *  node bench/tower.mjs [--backend native|wasm] [--seeds N] [--test] [--lists N] [--shuffle-ties]
 *       [--tags] [--verbose] [--set name=value …]
 *  @import { TagLog } from '#dist/interactions/interaction-log.js'
 *  @import { TowerSpace } from '#dist/models/metric-tower/space.js'
 *  @typedef {ReturnType<typeof holdOutTags>} HeldOutTags */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { historyBefore, prepareSplit } from '#dist/interactions/splits.js';
import { twoTower } from '#dist/models/metric-tower/metric-tower.js';
import { Random } from '#dist/numeric/random.js';
import { euclideanDistance } from '#dist/numeric/scan.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { logEpochs, settingsOf, trainTower } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'auto' },
    seeds: { type: 'string', default: '1' },
    folder: { type: 'string', default: 'seeds/ml-latest-small' },
    test: { type: 'boolean', default: false },
    lists: { type: 'string', default: '0' },
    'shuffle-ties': { type: 'boolean', default: false },
    tags: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const settings = twoTower.hyperparameters.parse(settingsOf(values.set));
const { data, titles, tagNames } = await readDataset(
  values.folder,
  values['shuffle-ties'] ? { shuffleTies: 1 } : {},
);
const split = prepareSplit(data);
const heldOutTags = values.tags ? holdOutTags(split.trainingData.taggings) : null;
const trainingData = heldOutTags
  ? { ...split.trainingData, taggings: heldOutTags.kept }
  : split.trainingData;
/** @type {Map<string, number>} */
const sums = new Map();
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const { model, space, epochs, seconds, cpuSeconds } = await trainTower(
    { ...split, trainingData },
    {
      settings,
      seed,
      backend: values.backend,
      onEpoch: values.verbose ? logEpochs('TWO_TOWER') : undefined,
    },
  );
  const { rows } = await evaluate(model, split, { splits: [values.test ? 'TEST' : 'VALIDATION'] });
  const { decays, levelWeights, gates } = space.userTower;
  const d = settings.embeddingSize;
  if (values.verbose) {
    console.log(
      '  decays',
      Array.from(decays, (x) => x.toFixed(2)).join(' '),
      'levels',
      Array.from(levelWeights, (x) => x.toFixed(2)).join(' '),
      'gates',
      Array.from(decays, (_, p) =>
        (gates.subarray(p * d, (p + 1) * d).reduce((a, b) => a + b) / d).toFixed(2),
      ).join(' '),
    );
  }
  if (heldOutTags) printTagRecall(space, heldOutTags);
  if (seed === 1) printLists(space, Number(values.lists));
  for (const { protocol, metric, k, mean } of rows) {
    const key = `${protocol} ${metric}@${k}`;
    sums.set(key, (sums.get(key) ?? 0) + mean);
  }
  sums.set('seconds', (sums.get('seconds') ?? 0) + seconds);
  sums.set('cpu', (sums.get('cpu') ?? 0) + cpuSeconds);
  sums.set('epochs', (sums.get('epochs') ?? 0) + epochs.length);
}
/** @param {string} key */
const of = (key) => ((sums.get(key) ?? Number.NaN) / Number(values.seeds)).toFixed(4);
if (values.verbose) console.log([...sums.keys()].join(', '));
console.log(
  `${values.set.join(' ') || 'default'} | full r@10 ${of('FULL_LAST_ITEM recall@10')} r@20 ${of('FULL_LAST_ITEM recall@20')} ndcg@20 ${of('FULL_LAST_ITEM ndcg@20')}`,
  `| sampled r@10 ${of('SAMPLED_LAST_ITEM recall@10')} | cov@10 ${of('FULL_LAST_ITEM coverage@10')} | ${Number(of('seconds')).toFixed(0)} s, ${Number(of('cpu')).toFixed(0)} s CPU, ${of('epochs')} epochs`,
);

/** Lists to look at: the last films a user rated, and the ten nearest unseen ones; likewise for a
 *  few films.
 *  @param {TowerSpace} space @param {number} users how many */
function printLists(space, users) {
  const { itemPoints, itemIds, tagPoints, tagIds } = space;
  const d = settings.embeddingSize;
  /** @param {number} item */
  const title = (item) => titles.get(itemIds[item]);
  /** @param {Float32Array} point @param {Float32Array} points [n, d] @param {number} count
   *  @returns {number[][]} row and distance of the nearest */
  const nearest = (point, points, count, skip = new Set()) => {
    const distances = Array.from({ length: points.length / d }, (_, row) => [
      row,
      euclideanDistance(points.subarray(row * d, row * d + d), point),
    ]);
    return distances
      .filter(([row]) => !skip.has(row))
      .sort((a, b) => a[1] - b[1])
      .slice(0, count);
  };
  for (let n = 0; n < users; n++) {
    const user = Math.floor((n * data.interactions.users.size) / users);
    const history = historyBefore(split, user, 'TEST');
    /** @param {number} at */
    const stars = (at) => `${title(history.items[at])} ${history.values[at]}`;
    console.log(
      `\nuser ${data.interactions.users.ids[user]}, ${history.items.length} ratings, last: ${Array.from(history.items.keys()).slice(-8).map(stars).join(' | ')}`,
    );
    const list = nearest(space.userPoint(history), itemPoints, 10, new Set(history.items));
    console.log(
      `  → ${list.map(([item, distance]) => `${title(item)} ${distance.toFixed(2)}`).join(' | ')}`,
    );
    console.log(
      `  tags: ${nearest(space.userPoint(history), tagPoints, 6)
        .map(([tag]) => tagNames.get(tagIds[tag]))
        .join(', ')}`,
    );
  }
  for (const id of users > 0 ? [1, 260, 1258, 2571, 858, 7153, 109487, 1721] : []) {
    const item = /** @type {number} */ (split.full.items.indexOf(id));
    const point = itemPoints.subarray(item * d, item * d + d);
    console.log(
      `\nnear ${title(item)}: ${nearest(point, itemPoints, 7, new Set([item]))
        .map(([other]) => title(other))
        .join(' | ')}`,
    );
    console.log(
      `  tags: ${nearest(point, tagPoints, 6)
        .map(([tag]) => tagNames.get(tagIds[tag]))
        .join(', ')}`,
    );
  }
}

/** Every tenth tagging of somebody with ratings, at random.
 *  @param {TagLog} taggings */
function holdOutTags(taggings) {
  const random = new Random(99);
  const out = Array.from(taggings.userIndex, (user) => user >= 0 && random.uniform() < 0.1);
  /** @param {boolean} wanted */
  const rows = (wanted) => Int32Array.from(out.keys()).filter((row) => out[row] === wanted);
  /** @param {Int32Array} indices @returns {TagLog} */
  const pick = (indices) => ({
    tags: taggings.tags,
    userIndex: indices.map((row) => taggings.userIndex[row]),
    itemIndex: indices.map((row) => taggings.itemIndex[row]),
    tagIndex: indices.map((row) => taggings.tagIndex[row]),
  });
  return { kept: pick(rows(false)), heldOut: pick(rows(true)) };
}

/** recall@10 of held-out taggings, by user and movie, by movie, by user; beside the overall most
 *  used and the user's own most used.
 *  @param {TowerSpace} space @param {HeldOutTags} taggings */
function printTagRecall(space, { kept, heldOut }) {
  const { tagPoints, itemPoints } = space;
  const d = settings.embeddingSize;
  const tagCount = kept.tags.size;
  const counts = new Float64Array(tagCount);
  for (const tag of kept.tagIndex) counts[tag]++;
  const hits = { both: 0, item: 0, user: 0, popular: 0, own: 0 };
  const total = heldOut.tagIndex.length;
  for (let n = 0; n < total; n++) {
    const [user, item, tag] = [heldOut.userIndex[n], heldOut.itemIndex[n], heldOut.tagIndex[n]];
    const used = new Set();
    const own = Float64Array.from(counts, (count) => count * 1e-6);
    kept.tagIndex.forEach((other, row) => {
      if (kept.userIndex[row] !== user) return;
      own[other]++;
      if (kept.itemIndex[row] === item) used.add(other);
    });
    /** @param {(tag: number) => number} score */
    const rank = (score) => {
      const mine = score(tag);
      let better = 0;
      for (let other = 0; other < tagCount; other++)
        if (other !== tag && !used.has(other) && score(other) >= mine) better++;
      return better < 10 ? 1 / total : 0;
    };
    const userPoint = space.userPoint(historyBefore(split, user, 'TEST'));
    const itemPoint = itemPoints.subarray(item * d, item * d + d);
    /** @param {Parameters<TowerSpace['tagQueryPoint']>[0]} query */
    const near = (query) => {
      const point = space.tagQueryPoint(query);
      return (/** @type {number} */ other) =>
        -euclideanDistance(tagPoints.subarray(other * d, other * d + d), point);
    };
    hits.both += rank(near({ userPoint, itemPoint }));
    hits.item += rank(near({ itemPoint }));
    hits.user += rank(near({ userPoint }));
    hits.popular += rank((other) => counts[other]);
    hits.own += rank((other) => own[other]);
  }
  console.log(
    `  tags, recall@10 of ${total} held-out taggings: ${Object.entries(hits)
      .map(([name, value]) => `${name} ${value.toFixed(3)}`)
      .join(', ')}`,
  );
}
