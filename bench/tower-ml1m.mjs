/** Trains the metric tower on ML-1M and measures it on the published candidates and in the full catalogue.
 *  node bench/tower-ml1m.mjs [--folder ../shared/data/ml-1m] [--backend native|wasm] [--seed N] [--validation] [--set name=value …] */
import { parseArgs } from 'node:util';
import { twoTower } from '../dist/algorithms/two-tower.js';
import { evaluate } from '../dist/evaluation/evaluate.js';
import { validationObjective } from '../dist/evaluation/validation-objective.js';
import { prepareSplit } from '../dist/interactions/splits.js';
import { readDataset } from '../dist/paper/data/read-dataset.js';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    validation: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = Object.fromEntries(
  values.set.map((pair) => pair.split('=')).map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const settings = twoTower.hyperparameters.parse(given);
const { data, negatives } = await readDataset(values.folder);
const split = prepareSplit(data);
const started = performance.now();
const cpu = process.cpuUsage();
const model = await twoTower.fit(split.trainingData, settings, {
  seed: Number(values.seed),
  backend: values.backend,
  signal: new AbortController().signal,
  onProgress() {},
  onEpoch({ epoch, loss, validationMetric, seconds }) {
    console.log(
      `epoch ${epoch}: loss ${loss.toFixed(4)}, NDCG@20 of 1,000 validation users ${validationMetric?.toFixed(4)}, ${seconds.toFixed(1)} s`,
    );
  },
  validate: validationObjective(split, { sampleUsers: 1000 }),
});
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
const { rows } = await evaluate(model, split, { splits: [values.validation ? 'VALIDATION' : 'TEST'], negatives });
const figure = (protocol, metric, k) =>
  rows.find((row) => row.protocol === protocol && row.metric === metric && row.k === k).mean.toFixed(4);
const line = (protocol) =>
  [5, 10, 20].map((k) => `recall@${k} ${figure(protocol, 'recall', k)} NDCG@${k} ${figure(protocol, 'ndcg', k)}`).join(', ');
console.log(
  `settings: ${JSON.stringify(given)}; decays ${Array.from(model.space.userTower.decays, (decay) => decay.toFixed(2)).join(' ')}`,
);
console.log(`(a) published candidates: ${line('SAMPLED_LAST_ITEM')}`);
console.log(`(b) full catalogue: ${line('FULL_LAST_ITEM')}`);
console.log(`training ${seconds.toFixed(0)} s, ${((user + system) / 1e6).toFixed(0)} s of CPU`);
