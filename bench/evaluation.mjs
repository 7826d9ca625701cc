/** How long an evaluation takes on ML-1M, test part: of each protocol's split what it takes beyond
 *  the model's own scoring, and then everything, with the tower of docs/paper/ml-1m.recipe.json
 *  (drawn, not trained: its figures mean nothing, its products cost the same).
 *  node bench/evaluation.mjs [--folder ../shared/data/ml-1m] [--scheme LEAVE_LAST_OUT …]
 *       [--backend native|wasm]
 *  @import { EvaluationResult } from '#dist/evaluation/evaluate.js'
 *  @import { ProtocolName } from '#dist/evaluation/protocols.js'
 *  @import { TrainingData } from '#dist/interactions/interaction-log.js'
 *  @import { Model } from '#dist/models/system.js'
 *  @import { BackendName } from '#dist/tensor/engine.js' */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { protocolsOf } from '#dist/evaluation/protocols.js';
import { prepareSplit, SPLIT_SCHEMES } from '#dist/interactions/splits.js';
import { buildFeatureVectors } from '#dist/models/metric-tower/forward.js';
import { TwoTowerModel, twoTower } from '#dist/models/metric-tower/metric-tower.js';
import { initialParameters, toArtifact } from '#dist/models/metric-tower/parameters.js';
import { Random } from '#dist/numeric/random.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { loadEngine } from '#dist/tensor/engine.js';
import { oneOf } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    backend: { type: 'string' },
    scheme: {
      type: 'string',
      multiple: true,
      default: ['LEAVE_LAST_OUT', 'HOLDOUT', 'NEW_USERS', 'COLD_ITEMS'],
    },
  },
});
const { data, negatives } = await readDataset(values.folder);
/** @param {number} from */
const seconds = (from) => ((performance.now() - from) / 1000).toFixed(2);
for (const scheme of values.scheme.map((name) => oneOf('scheme', SPLIT_SCHEMES, name))) {
  const splitting = performance.now();
  const split = prepareSplit(data, { scheme });
  console.log(`${scheme}: split in ${seconds(splitting)} s`);
  const { size } = split.full.items;
  // Made before the clock starts, handed out by reference: scoring costs nothing. A few thousand
  // distinct scores a user.
  const random = new Random(7);
  const table = Float32Array.from({ length: 256 * size }, () => random.uniform());
  /** @type {Model} */
  const model = {
    name: 'POPULARITY',
    itemCount: size,
    space: null,
    score: (histories) => table.subarray(0, histories.length * size),
    save: () => drawnTower(split.trainingData).save(),
  };
  for (const protocol of protocolsOf(split)) {
    await report(protocol, () => evaluate(model, split, { protocols: [protocol], splits: ['TEST'] }));
  }
}

/** @type {BackendName[]} */
const backends = ['native', 'wasm', 'cpu'];
const backend = values.backend && oneOf('backend', backends, values.backend);
const { description } = await loadEngine(backend ? { backend } : {});
const split = prepareSplit(data);
const model = drawnTower(split.trainingData);
console.log(`With the tower of docs/paper, on ${description}:`);
/** @type {ProtocolName[][]} */
const measured = [['FULL_LAST_ITEM'], ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM']];
for (const protocols of measured) {
  await report(protocols.join(' and '), () =>
    evaluate(model, split, { protocols, splits: ['TEST'], ...(negatives && { negatives }) }),
  );
}

/** @param {string} name @param {() => Promise<EvaluationResult>} work */
async function report(name, work) {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  const { rows } = await work();
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `  ${name}: ${rows[0].users} users: ${seconds(startedAt)} s, ${((user + system) / 1e6).toFixed(2)} s of CPU`,
  );
}

/** @param {TrainingData} trainingData */
function drawnTower(trainingData) {
  const recipe = JSON.parse(
    readFileSync(new URL('../docs/paper/ml-1m.recipe.json', import.meta.url), 'utf8'),
  );
  const settings = twoTower.hyperparameters.parse(recipe.TWO_TOWER.hyperparameters);
  const features = buildFeatureVectors(trainingData);
  const sizes = {
    ratedItems: new Uint8Array(trainingData.interactions.items.size).fill(1),
    tags: trainingData.taggings.tags.size,
    genres: trainingData.itemFeatures.genreNames.length,
    demographics: 0,
  };
  const parameters = initialParameters(sizes, settings, new Random(7));
  return new TwoTowerModel(
    toArtifact(parameters, trainingData, { features, settings, demographicKeys: [] }),
  );
}
