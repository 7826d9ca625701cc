/** Accuracy under poisoned and under perturbed data, and under moved factors, on ml-latest-small: ATF, ATF without its adversary, BPR-MF and
 *  the metric tower. Trains each system once for each disturbance and prints two tables in Markdown.
 *  Run: npm run build && node bench/robustness.mjs [--systems ATF,TWO_TOWER] [--seed 1] [--folder seeds/ml-latest-small] [--backend native|wasm] */
import { parseArgs } from 'node:util';
import { measureRobustness } from '#dist/evaluation/robustness/measure.js';
import { unpopularTargets } from '#dist/evaluation/robustness/poisoning.js';
import { validationObjective } from '#dist/evaluation/validation-objective.js';
import { historyBefore, prepareSplit } from '#dist/interactions/splits.js';
import { measureRobustness as measureFactors } from '#dist/models/atf/robustness.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { movieSystemNamed } from './support/study.mjs';

const SYSTEMS = {
  ATF: ['ATF', { epochs: 20, pretrainingEpochs: 10 }],
  'ATF without adversary': ['ATF', { epochs: 20, adversarialWeight: 0 }],
  BPR_MF: ['BPR_MF', {}],
  TWO_TOWER: ['TWO_TOWER', {}],
};
const { values } = parseArgs({
  options: {
    systems: { type: 'string', default: Object.keys(SYSTEMS).join(',') },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: 'seeds/ml-latest-small' },
    backend: { type: 'string', default: 'auto' },
  },
});
const seed = Number(values.seed);
const backend = /** @type {import('#dist/tensor/engine.js').BackendName | 'auto'} */ (values.backend);
const context = { seed, backend, signal: new AbortController().signal };
const { data } = await readDataset(values.folder);
const split = prepareSplit(data);
const targets = unpopularTargets(split.trainingData.interactions, { count: 5, seed: 1 });
/** @typedef {[name: string, disturbance: import('#dist/evaluation/robustness/measure.js').Disturbance]} Named */
/** @returns {Named} */
const poisoning = (profile, share) => [
  `${(share * 100).toFixed(0)} % ${profile} profiles`,
  { kind: 'POISONING', poisoning: { profile, share, targets, seed: 1 } },
];
/** @returns {Named} */
const perturbation = (share) => [
  `${(share * 100).toFixed(0)} % of ratings replaced`,
  { kind: 'PERTURBATION', perturbation: { share, seed: 1 } },
];
const disturbances = [
  poisoning('RANDOM', 0.05),
  poisoning('BANDWAGON', 0.05),
  perturbation(0.1),
  perturbation(0.3),
];
const names = new Map(disturbances.map(([name, disturbance]) => [disturbance, name]));

const cell = (metrics, protocol, metric, k) => {
  const { mean, ciLow, ciHigh } = metrics.find(
    (row) => row.protocol === protocol && row.metric === metric && row.k === k,
  );
  return `${mean.toFixed(3)} [${ciLow.toFixed(3)}, ${ciHigh.toFixed(3)}]`;
};
const chosen = values.systems.split(',').map((name) => [name, ...SYSTEMS[name]]);
console.log(
  '| system | data | (a) recall@10 | (b) recall@20 | (b) NDCG@20 | pushed items shown | CPU s |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const [name, algorithm, given] of chosen) {
  let since = process.cpuUsage().user;
  await measureRobustness(
    movieSystemNamed(algorithm),
    movieSystemNamed(algorithm).hyperparameters.parse(given),
    data,
    {
      disturbances: disturbances.map(([, disturbance]) => disturbance),
      targets,
      context,
      onRow({ disturbance, metrics, pushed }) {
        const columns = [
          name,
          disturbance === null ? 'as they are' : names.get(disturbance),
          cell(metrics, 'SAMPLED_LAST_ITEM', 'recall', 10),
          cell(metrics, 'FULL_LAST_ITEM', 'recall', 20),
          cell(metrics, 'FULL_LAST_ITEM', 'ndcg', 20),
          `${(100 * pushed).toFixed(2)} %`,
          ((process.cpuUsage().user - since) / 1e6).toFixed(0),
        ];
        console.log(`| ${columns.join(' | ')} |`);
        since = process.cpuUsage().user;
      },
    },
  );
}

// ε in units of the mean length of the item factors: the two factorisations are of different scale.
const EPSILONS = [0.25, 0.5, 1];
console.log(
  `\n| system | (b) NDCG@20 | ${EPSILONS.map((e) => `ε = ${e}, random | worst case`).join(' | ')} |`,
);
console.log(`| --- | --- |${' --- | --- |'.repeat(EPSILONS.length)}`);
const validate = validationObjective(split);
for (const [name, algorithm, given] of chosen.filter(([, kind]) => kind === 'ATF')) {
  const fitting = { ...context, onEpoch() {}, onProgress() {} };
  const settings = movieSystemNamed(algorithm).hyperparameters.parse(given);
  const fitted = await movieSystemNamed(algorithm).fit(split.trainingData, settings, fitting);
  const model = /** @type {import('#dist/models/atf/robustness.js').FactorRanking} */ (fitted);
  const d = model.itemFactors.length / model.itemCount;
  let length = 0;
  for (let at = 0; at < model.itemFactors.length; at += d)
    length += Math.hypot(...model.itemFactors.subarray(at, at + d)) / model.itemCount;
  const histories = Array.from(split.parts.VALIDATION.users, (user) =>
    historyBefore(split, user, 'VALIDATION'),
  );
  const { clean, perturbed } = measureFactors(model, histories, validate, {
    epsilons: EPSILONS.map((e) => e * length),
    seed: 1,
  });
  const columns = perturbed.flatMap(({ random, worstCase }) => [random.toFixed(4), worstCase.toFixed(4)]);
  console.log(`| ${name} | ${clean.toFixed(4)} | ${columns.join(' | ')} |`);
}
