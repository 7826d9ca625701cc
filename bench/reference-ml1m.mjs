/** Trains any system on ML-1M (order only, no times; genres, years and demographics as the release
 *  has them), stops early on 2,000 validation users, and measures it: on the validation items, or
 *  with --test on the last items, there among the published candidates. With --last-epoch it trains
 *  all epochs and measures the last, as `nearfield paper` does by a recipe.
 *  node bench/reference-ml1m.mjs --algorithm PITF [--test] [--last-epoch] [--seed N]
 *       [--backend native|wasm] [--set name=value …] [--folder ../shared/data/ml-1m]
 *  @import { ProtocolName } from '#dist/evaluation/protocols.js' */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { prepareSplit } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { figure, movieSystem, settingsOf, train } from './support/study.mjs';

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
const algorithm = movieSystem(values.algorithm);
const given = settingsOf(values.set);
const { data, negatives } = await readDataset(values.folder);
const split = prepareSplit(data);
const {
  model,
  epochs,
  seconds,
  cpuSeconds: fitCpu,
} = await train(algorithm, split, {
  settings: given,
  seed: values.seed,
  backend: values.backend,
  validates: !values['last-epoch'],
  onEpoch: ({ validationMetric, seconds: time }) => {
    if (validationMetric !== undefined && process.stderr.isTTY)
      process.stderr.write(`${validationMetric.toFixed(4)} (${time.toFixed(0)} s) `);
  },
});
const [measuringAt, cpu] = [performance.now(), process.cpuUsage()];
const part = values.test ? 'TEST' : 'VALIDATION';
// The published candidates hold the test item out, not the validation item.
const { rows } = await evaluate(model, split, {
  splits: [part],
  ...(values.test && negatives && { negatives }),
});
/** @param {ProtocolName} protocol */
const line = (protocol) =>
  `recall@5 ${figure(rows, protocol, 'recall', 5)} @10 ${figure(rows, protocol, 'recall', 10)} @20 ${figure(rows, protocol, 'recall', 20)} NDCG@10 ${figure(rows, protocol, 'ndcg', 10)}`;
console.log(`${algorithm.name} ${part} ${JSON.stringify(given)}, seed ${values.seed}`);
console.log(`  (a) 99 candidates:  ${line('SAMPLED_LAST_ITEM')}`);
console.log(`  (b) full catalogue: ${line('FULL_LAST_ITEM')}`);
const found = epochs.flatMap(({ validationMetric }) => validationMetric?.toFixed(3) ?? []);
if (found.length > 0) console.log(`  NDCG@20 of the validation users by epoch: ${found.join(' ')}`);
console.log(
  `  training ${seconds.toFixed(0)} s (CPU ${fitCpu.toFixed(0)} s${values['last-epoch'] ? '' : ', validation included'}), measuring ${((performance.now() - measuringAt) / 1000).toFixed(0)} s (CPU ${(process.cpuUsage(cpu).user / 1e6).toFixed(0)} s)`,
);
