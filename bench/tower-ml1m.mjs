/** Trains the metric tower on ML-1M and measures it on the published candidates and in the full
 *  catalogue.
 *  node bench/tower-ml1m.mjs [--folder ../shared/data/ml-1m] [--backend native|wasm] [--seed N]
 *       [--validation] [--last-second] [--set name=value …]
 *  --last-second: the validation item is a random one of its second where times are known, as the
 *  published test item is; training does not stop early; and accuracy is also printed by the time
 *  between the held-out item and the one before it (bench/results/tower-ml1m.md).
 *  @import { ProtocolName } from '#dist/evaluation/protocols.js'
 *  @import { SplitName } from '#dist/interactions/splits.js'
 *  @import { Times } from './support/last-second.mjs' */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { prepareSplit } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { drawLastButOne, readTimes, standing } from './support/last-second.mjs';
import { figure, settingsOf, trainTower } from './support/study.mjs';

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
const { model, space, seconds, cpuSeconds } = await trainTower(split, {
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
const part = values.validation ? 'VALIDATION' : 'TEST';
const { rows, perUser, userIds } = await evaluate(model, split, {
  splits: [part],
  ...(negatives && { negatives }),
});
/** @param {ProtocolName} protocol */
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
if (times !== null) printByStanding(part, times);
console.log(`training ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU`);

/** In the full catalogue, of the users whose times are known.
 *  @param {SplitName} part @param {Times} times */
function printByStanding(part, times) {
  const { users, items, offsets, itemIndex } = data.interactions;
  const [recall, ndcg] = ['recall', 'ndcg'].map((metric) => perUser[`FULL_LAST_ITEM/${part}/${metric}@10`]);
  /** @type {Map<string, { users: number, recall: number, ndcg: number }>} */
  const found = new Map();
  userIds[part].forEach((id, at) => {
    const own = times.get(id);
    if (own === undefined) return;
    const user = /** @type {number} */ (users.indexOf(id));
    const rows = itemIndex.subarray(offsets[user], offsets[user + 1] - (part === 'TEST' ? 0 : 1));
    const rated = Array.from(rows, (item) => items.ids[item]);
    for (const name of ['all', standing(rated, own)]) {
      const sums = found.get(name) ?? { users: 0, recall: 0, ndcg: 0 };
      found.set(name, {
        users: sums.users + 1,
        recall: sums.recall + recall[at],
        ndcg: sums.ndcg + ndcg[at],
      });
    }
  });
  for (const [name, sums] of found) {
    const of = (/** @type {number} */ sum) => (sum / sums.users).toFixed(4);
    console.log(`  ${name}: ${sums.users} users, recall@10 ${of(sums.recall)}, NDCG@10 ${of(sums.ndcg)}`);
  }
}
