/** Trains the metric tower on ML-1M and measures it on the published candidates and in the full catalogue.
 *  node bench/tower-ml1m.mjs [--folder ../shared/data/ml-1m] [--backend native|wasm] [--seed N] [--validation] [--last-second] [--set name=value …]
 *  --last-second: the validation item is a random one of its second where times are known, as the published test item is, nothing stops
 *  training early, and accuracy is also told by how the item to be found stands to its history (bench/results/tower-ml1m.md). */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { prepareSplit } from '#dist/interactions/splits.js';
import { twoTower } from '#dist/models/metric-tower/metric-tower.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { drawLastButOne, readTimes, standing } from './support/last-second.mjs';
import { figure, settingsOf, train } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    validation: { type: 'boolean', default: false },
    'last-second': { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = settingsOf(values.set);
const { data: asPublished, negatives } = await readDataset(values.folder);
const times = values['last-second'] ? readTimes(`${values.folder}/ratings-first-2998-users.dat.gz`) : null;
const data = times === null ? asPublished : drawLastButOne(asPublished, times, 1);
const split = prepareSplit(data);
const { model, seconds, cpuSeconds } = await train(twoTower, split, {
  settings: given,
  seed: values.seed,
  backend: values.backend,
  validates: times === null,
  onEpoch({ epoch, loss, validationMetric, seconds: time }) {
    const validation =
      validationMetric === undefined
        ? ''
        : ` NDCG@20 of the validation users ${validationMetric.toFixed(4)},`;
    console.log(`epoch ${epoch}: loss ${loss.toFixed(4)},${validation} ${time.toFixed(1)} s`);
  },
});
const { rows, perUser, userIds } = await evaluate(model, split, {
  splits: [values.validation ? 'VALIDATION' : 'TEST'],
  negatives,
});
const space = /** @type {import('#dist/models/metric-tower/space.js').TowerSpace} */ (model.space);
const line = (protocol) =>
  [5, 10, 20]
    .map(
      (k) =>
        `recall@${k} ${figure(rows, protocol, 'recall', k)} NDCG@${k} ${figure(rows, protocol, 'ndcg', k)}`,
    )
    .join(', ');
console.log(
  `settings: ${JSON.stringify(given)}; decays ${Array.from(space.userTower.decays, (decay) => decay.toFixed(2)).join(' ')}`,
);
console.log(`(a) published candidates: ${line('SAMPLED_LAST_ITEM')}`);
console.log(`(b) full catalogue: ${line('FULL_LAST_ITEM')}`);
if (times !== null) printByStanding(values.validation ? 'VALIDATION' : 'TEST');
console.log(`training ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU`);

/** In the full catalogue, of the users whose times are known. */
function printByStanding(part) {
  const { users, items, offsets, itemIndex } = data.interactions;
  const [recall, ndcg] = ['recall', 'ndcg'].map((metric) => perUser[`FULL_LAST_ITEM/${part}/${metric}@10`]);
  const found = new Map();
  userIds[part].forEach((id, at) => {
    const own = times.get(id);
    if (own === undefined) return;
    const user = users.indexOf(id);
    const rows = itemIndex.subarray(offsets[user], offsets[user + 1] - (part === 'TEST' ? 0 : 1));
    for (const name of [
      'all',
      standing(
        Array.from(rows, (item) => items.ids[item]),
        own,
      ),
    ]) {
      const sums = found.get(name) ?? { users: 0, recall: 0, ndcg: 0 };
      found.set(name, {
        users: sums.users + 1,
        recall: sums.recall + recall[at],
        ndcg: sums.ndcg + ndcg[at],
      });
    }
  });
  for (const [name, sums] of found) {
    const mean = (metric) => (sums[metric] / sums.users).toFixed(4);
    console.log(`  ${name}: ${sums.users} users, recall@10 ${mean('recall')}, NDCG@10 ${mean('ndcg')}`);
  }
}
