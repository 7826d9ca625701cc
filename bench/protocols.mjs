/** Trains systems on ML-1M under any protocol and prints the metrics.
 *  node bench/protocols.mjs [--folder ../shared/data/ml-1m] [--protocol NAME …]
 *       [--algorithm NAME …] [--hyperparameters '{…}'] [--part VALIDATION]
 *  On TEST (the default) the validation part stays in training, as published figures have it;
 *  nothing may be chosen by them. */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { PROTOCOL_NAMES, schemeOf } from '#dist/evaluation/protocols.js';
import { prepareSplit, SPLIT_NAMES } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { figure, logEpochs, movieSystem, oneOf, train } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    protocol: { type: 'string', multiple: true, default: ['FULL_HOLDOUT', 'NEW_USERS', 'COLD_ITEMS'] },
    algorithm: { type: 'string', multiple: true, default: ['POPULARITY', 'ITEM_KNN', 'EASE'] },
    hyperparameters: { type: 'string', default: '{}' },
    part: { type: 'string', default: 'TEST' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
  },
});
const part = oneOf('part', SPLIT_NAMES, values.part);
const { data } = await readDataset(values.folder);
/** @type {[string, number][]} */
const COLUMNS = [
  ['recall', 10],
  ['recall', 20],
  ['ndcg', 10],
  ['ndcg', 20],
  ['coverage', 10],
  ['gini', 10],
  ['novelty', 10],
  ['popularityLift', 10],
  ['recallHead', 20],
  ['recallMiddle', 20],
  ['recallTail', 20],
];
console.log(
  `| protocol | system | users | ${COLUMNS.map(([metric, k]) => `${metric}@${k}`).join(' | ')} | training, CPU s |`,
);
console.log(`|${' --- |'.repeat(COLUMNS.length + 4)}`);
for (const protocol of values.protocol.map((name) => oneOf('protocol', PROTOCOL_NAMES, name))) {
  const split = prepareSplit(data, { scheme: schemeOf(protocol), validation: part === 'VALIDATION' });
  for (const name of values.algorithm) {
    const { model, cpuSeconds } = await train(movieSystem(name), split, {
      settings: JSON.parse(values.hyperparameters),
      seed: values.seed,
      backend: values.backend,
      onEpoch: logEpochs(name),
    });
    const { rows } = await evaluate(model, split, { protocols: [protocol], splits: [part] });
    const figures = COLUMNS.map(([metric, k]) => figure(rows, protocol, metric, k));
    console.log(
      `| ${protocol} | ${name} | ${rows[0].users} | ${figures.join(' | ')} | ${cpuSeconds.toFixed(0)} |`,
    );
  }
}
