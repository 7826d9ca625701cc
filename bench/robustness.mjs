/** Accuracy under poisoned and under perturbed data, and under moved factors, on ml-latest-small:
 *  ATF, ATF without its adversary, BPR-MF and the metric tower. Trains each system once for each
 *  disturbance and prints two tables in Markdown.
 *  node bench/robustness.mjs [--systems ATF,TWO_TOWER] [--seed 1] [--folder seeds/ml-latest-small]
 *       [--backend native|wasm]
 *  @import { Disturbance } from '#dist/evaluation/robustness/measure.js'
 *  @import { MetricRow } from '#dist/evaluation/evaluate.js'
 *  @import { PoisoningProfile } from '#dist/evaluation/robustness/poisoning.js'
 *  @import { FactorRanking } from '#dist/models/atf/robustness.js' */
import { parseArgs } from 'node:util';
import { measureRobustness } from '#dist/evaluation/robustness/measure.js';
import { unpopularTargets } from '#dist/evaluation/robustness/poisoning.js';
import { validationObjective } from '#dist/evaluation/validation-objective.js';
import { historyBefore, prepareSplit } from '#dist/interactions/splits.js';
import { measureRobustness as measureFactors } from '#dist/models/atf/robustness.js';
import { systemNamed } from '#dist/models/systems.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { backendNamed, oneOf, train } from './support/study.mjs';

/** @type {Record<string, { name: 'ATF' | 'BPR_MF' | 'TWO_TOWER', settings: object }>} */
const SYSTEMS = {
  ATF: { name: 'ATF', settings: { epochs: 20, pretrainingEpochs: 10 } },
  'ATF without adversary': { name: 'ATF', settings: { epochs: 20, adversarialWeight: 0 } },
  BPR_MF: { name: 'BPR_MF', settings: {} },
  TWO_TOWER: { name: 'TWO_TOWER', settings: {} },
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
const context = { seed, backend: backendNamed(values.backend), signal: new AbortController().signal };
const { data } = await readDataset(values.folder);
const split = prepareSplit(data);
const targets = unpopularTargets(split.trainingData.interactions, { count: 5, seed: 1 });
/** @param {PoisoningProfile} profile @param {number} share @returns {[string, Disturbance]} */
const poisoning = (profile, share) => [
  `${(share * 100).toFixed(0)} % ${profile} profiles`,
  { kind: 'POISONING', poisoning: { profile, share, targets, seed: 1 } },
];
/** @param {number} share @returns {[string, Disturbance]} */
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
/** @type {Map<Disturbance | null, string>} */
const names = new Map(disturbances.map(([name, disturbance]) => [disturbance, name]));
names.set(null, 'as they are');

/** @param {readonly MetricRow[]} metrics @param {MetricRow['protocol']} protocol
 *  @param {string} metric @param {number} k */
const cell = (metrics, protocol, metric, k) => {
  const row = metrics.find((each) => each.protocol === protocol && each.metric === metric && each.k === k);
  return `${row?.mean.toFixed(3)} [${row?.ciLow?.toFixed(3)}, ${row?.ciHigh?.toFixed(3)}]`;
};
const chosen = values.systems.split(',').map((label) => {
  const { name, settings } = SYSTEMS[oneOf('systems', Object.keys(SYSTEMS), label)];
  return { label, system: systemNamed(name), settings };
});
console.log(
  '| system | data | (a) recall@10 | (b) recall@20 | (b) NDCG@20 | pushed items shown | CPU s |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const { label, system, settings } of chosen) {
  let since = process.cpuUsage().user;
  await measureRobustness(system, system.hyperparameters.parse(settings), data, {
    disturbances: disturbances.map(([, disturbance]) => disturbance),
    targets,
    context,
    onRow({ disturbance, metrics, pushed }) {
      const columns = [
        label,
        names.get(disturbance),
        cell(metrics, 'SAMPLED_LAST_ITEM', 'recall', 10),
        cell(metrics, 'FULL_LAST_ITEM', 'recall', 20),
        cell(metrics, 'FULL_LAST_ITEM', 'ndcg', 20),
        `${(100 * pushed).toFixed(2)} %`,
        ((process.cpuUsage().user - since) / 1e6).toFixed(0),
      ];
      console.log(`| ${columns.join(' | ')} |`);
      since = process.cpuUsage().user;
    },
  });
}

// ε in units of the mean length of the item factors: the two factorisations are of different scale.
const EPSILONS = [0.25, 0.5, 1];
console.log(
  `\n| system | (b) NDCG@20 | ${EPSILONS.map((e) => `ε = ${e}, random | worst case`).join(' | ')} |`,
);
console.log(`| --- | --- |${' --- | --- |'.repeat(EPSILONS.length)}`);
const validate = validationObjective(split);
if (validate === undefined) throw new Error('Nobody has anything to find.');
for (const { label, system, settings } of chosen.filter((each) => each.system.name === 'ATF')) {
  const fitted = await train(system, split, { settings, seed, backend: values.backend, validates: false });
  const model = /** @type {FactorRanking} */ (fitted.model);
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
  console.log(`| ${label} | ${clean.toFixed(4)} | ${columns.join(' | ')} |`);
}
