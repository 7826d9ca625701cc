/** Holds our evaluator and references to the published protocol: MovieLens 1M, last item among the 99 candidates of He et al. (2017).
 *  Run: npm run build && node bench/peers-check.mjs [folder of ml-1m] [--algorithm ITEM_KNN --hyperparameters '{"neighbours":50}']
 *  Without options: POPULARITY, ITEM_KNN with its defaults, and ITEM_KNN as the published references set it (tf-idf, 100). */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { algorithm: { type: 'string' }, hyperparameters: { type: 'string', default: '{}' } },
});
const folder = positionals[0] ?? new URL('../../shared/data/ml-1m', import.meta.url).pathname;
const { buildInteractionLog, buildItemFeatures, buildTagLog } = await import('#dist/interactions/build.js');
const { prepareSplit } = await import('#dist/interactions/splits.js');
const { movieSystemNamed } = await import('./support/study.mjs');
const { evaluate } = await import('#dist/evaluation/evaluate.js');

const lines = (name) =>
  gunzipSync(readFileSync(`${folder}/${name}`))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1);

function readData() {
  const rows = { userId: [], itemId: [], value: [], timestamp: [], ordinal: [] };
  for (const [at, line] of lines('interactions.csv.gz').entries()) {
    const [user, item] = line.split(',');
    rows.userId.push(Number(user));
    rows.itemId.push(Number(item));
    rows.value.push(0);
    rows.timestamp.push(Number.NaN);
    rows.ordinal.push(at);
  }
  const interactions = buildInteractionLog(rows);
  const itemFeatures = buildItemFeatures(interactions.items, { itemId: [], genres: [], year: [] });
  const taggings = buildTagLog(
    { userId: [], itemId: [], tagId: [], timestamp: [], ordinal: [] },
    interactions,
  );
  return { interactions, itemFeatures, taggings, demographics: null };
}

/** The published lists; 156 of their negatives are the held-out movie itself and are left out. */
function readCandidates({ users, items }, test) {
  const byUser = new Map(
    lines('loo-candidates.csv.gz').map((line) => [Number(line.split(',')[0]), line.split(',')]),
  );
  const offsets = [0];
  const negatives = [];
  for (let user = 0; user < users.size; user++) {
    const [, heldOut, list] = byUser.get(users.ids[user]);
    if (items.indexOf(Number(heldOut)) !== test[user])
      throw new Error(`User ${users.ids[user]}: the held-out movie differs.`);
    negatives.push(
      ...list
        .split(' ')
        .map((id) => items.indexOf(Number(id)))
        .filter((item) => item !== test[user]),
    );
    offsets.push(negatives.length);
  }
  if (negatives.includes(undefined)) throw new Error('A candidate is not in the catalogue.');
  return { offsets: Int32Array.from(offsets), items: Int32Array.from(negatives) };
}

const split = prepareSplit(readData());
// Everybody has 20 ratings at least: position and user are one.
const negatives = readCandidates(split.full, split.parts.TEST.relevant);
const runs = options.algorithm
  ? [[options.algorithm, JSON.parse(options.hyperparameters)]]
  : [
      ['POPULARITY', {}],
      ['ITEM_KNN', {}],
      ['ITEM_KNN', { weighting: 'TFIDF', neighbours: 100 }],
    ];
for (const [name, given] of runs) {
  const algorithm = movieSystemNamed(name);
  const settings = algorithm.hyperparameters.parse(given);
  const startedAt = performance.now();
  /** @type {import('#dist/models/system.js').FitContext} */
  const context = {
    seed: 1,
    backend: 'auto',
    signal: new AbortController().signal,
    onEpoch() {},
    onProgress() {},
  };
  const model = await algorithm.fit(split.trainingData, settings, context);
  const fittedAt = performance.now();
  const { rows } = await evaluate(model, split, { negatives });
  const seconds = (from, to) => `${((to - from) / 1000).toFixed(1)} s`;
  console.log(
    `\n${name} ${JSON.stringify(settings)}: trained in ${seconds(startedAt, fittedAt)}, measured in ${seconds(fittedAt, performance.now())}`,
  );
  for (const protocol of ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM']) {
    for (const part of ['VALIDATION', 'TEST']) {
      const figure = (metric, k) =>
        rows.find(
          (row) => row.protocol === protocol && row.split === part && row.metric === metric && row.k === k,
        );
      const text = [
        ['recall', 5],
        ['recall', 10],
        ['recall', 20],
        ['ndcg', 10],
        ['ndcg', 20],
        ['mrr', 0],
        ['coverage', 10],
      ].map(([metric, k]) => `${metric}@${k} ${figure(metric, k).mean.toFixed(4)}`);
      console.log(`  ${protocol} ${part}: ${text.join('  ')}`);
    }
  }
}
