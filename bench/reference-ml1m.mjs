/** Trains any system on ML-1M (order only, no times; genres, years and demographics as the release has them), stops early on 1,000
 *  validation users, and measures it: on the validation items, or with --test on the last items, there among the published candidates.
 *  With --last-epoch it trains all epochs and measures the last, as `nearfield paper` does by a recipe.
 *  Run: npm run build && node bench/reference-ml1m.mjs --algorithm PITF [--test] [--last-epoch] [--seed N] [--backend native|wasm] [--set name=value …]
 *       [--folder ../shared/data/ml-1m] */
import { parseArgs } from 'node:util';
import { evaluate } from '../dist/evaluation/evaluate.js';
import { validationObjective } from '../dist/evaluation/validation-objective.js';
import { prepareSplit } from '../dist/interactions/splits.js';
import { MOVIE_SYSTEM_NAMES, systemNamed } from '../dist/models/systems.js';
import { readDataset } from '../dist/paper/data/read-dataset.js';

const { values } = parseArgs({
  options: {
    algorithm: { type: 'string' },
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    test: { type: 'boolean', default: false },
    'last-epoch': { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const algorithm = systemNamed(values.algorithm);
if (!algorithm) throw new Error(`--algorithm is one of ${MOVIE_SYSTEM_NAMES.join(', ')}`);
const given = Object.fromEntries(
  values.set
    .map((pair) => pair.split('='))
    .map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const { data, negatives } = await readDataset(values.folder);
const split = prepareSplit(data);
const cpuSeconds = () => process.cpuUsage().user / 1e6;
const atStart = [performance.now(), cpuSeconds()];
const epochs = [];
const model = await algorithm.fit(split.trainingData, algorithm.hyperparameters.parse(given), {
  seed: Number(values.seed),
  backend: values.backend,
  signal: new AbortController().signal,
  onProgress() {},
  onEpoch: ({ validationMetric, seconds }) => {
    if (validationMetric === undefined) return;
    epochs.push(validationMetric.toFixed(3));
    if (process.stderr.isTTY)
      process.stderr.write(`${validationMetric.toFixed(4)} (${seconds.toFixed(0)} s) `);
  },
  ...(!values['last-epoch'] && { validate: validationObjective(split, { sampleUsers: 1000 }) }),
});
const fitted = [performance.now(), cpuSeconds()];
const part = values.test ? 'TEST' : 'VALIDATION';
// The published candidates hold the test item out, not the validation item.
const { rows } = await evaluate(model, split, { splits: [part], ...(values.test && { negatives }) });
const figure = (protocol, metric, k) =>
  rows.find((row) => row.protocol === protocol && row.metric === metric && row.k === k).mean.toFixed(4);
const line = (protocol) =>
  `recall@5 ${figure(protocol, 'recall', 5)} @10 ${figure(protocol, 'recall', 10)} @20 ${figure(protocol, 'recall', 20)} NDCG@10 ${figure(protocol, 'ndcg', 10)}`;
console.log(`${algorithm.name} ${part} ${JSON.stringify(given)}, seed ${values.seed}`);
console.log(`  (a) 99 candidates:  ${line('SAMPLED_LAST_ITEM')}`);
console.log(`  (b) full catalogue: ${line('FULL_LAST_ITEM')}`);
if (epochs.length > 0) console.log(`  NDCG@20 of 1,000 validation users by epoch: ${epochs.join(' ')}`);
console.log(
  `  training ${((fitted[0] - atStart[0]) / 1000).toFixed(0)} s (CPU ${(fitted[1] - atStart[1]).toFixed(0)} s${values['last-epoch'] ? '' : ', validation included'}), measuring ${((performance.now() - fitted[0]) / 1000).toFixed(0)} s (CPU ${(cpuSeconds() - fitted[1]).toFixed(0)} s)`,
);
