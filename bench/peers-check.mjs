/** Holds our evaluator and references to the published protocol: MovieLens 1M, last item among the
 *  99 candidates of He et al. (2017).
 *  node bench/peers-check.mjs [folder of ml-1m]
 *       [--algorithm ITEM_KNN --hyperparameters '{"neighbours":50}']
 *  Without options: POPULARITY, ITEM_KNN with its defaults, and ITEM_KNN as the published
 *  references set it (tf-idf, 100). */
import { parseArgs } from 'node:util';
import { evaluate } from '#dist/evaluation/evaluate.js';
import { prepareSplit, SPLIT_NAMES } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { movieSystem, train } from './support/study.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { algorithm: { type: 'string' }, hyperparameters: { type: 'string', default: '{}' } },
});
const folder = positionals[0] ?? new URL('../../shared/data/ml-1m', import.meta.url).pathname;
const { data, negatives } = await readDataset(folder);
if (negatives === null) throw new Error(`${folder} has no published candidates.`);
const split = prepareSplit(data);
const runs = options.algorithm
  ? [{ name: options.algorithm, settings: JSON.parse(options.hyperparameters) }]
  : [
      { name: 'POPULARITY', settings: {} },
      { name: 'ITEM_KNN', settings: {} },
      { name: 'ITEM_KNN', settings: { weighting: 'TFIDF', neighbours: 100 } },
    ];
for (const { name, settings } of runs) {
  const { model, hyperparameters, seconds } = await train(movieSystem(name), split, {
    settings,
    validates: false,
  });
  const fittedAt = performance.now();
  const { rows } = await evaluate(model, split, { negatives });
  const measuring = (performance.now() - fittedAt) / 1000;
  console.log(
    `\n${name} ${JSON.stringify(hyperparameters)}: trained in ${seconds.toFixed(1)} s, measured in ${measuring.toFixed(1)} s`,
  );
  for (const protocol of ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM']) {
    for (const part of SPLIT_NAMES) {
      const figures = ['recall@5', 'recall@10', 'recall@20', 'ndcg@10', 'ndcg@20', 'mrr@0', 'coverage@10'];
      const measured = rows.filter((row) => row.protocol === protocol && row.split === part);
      const text = figures.map(
        (key) =>
          `${key} ${measured.find(({ metric, k }) => `${metric}@${k}` === key)?.mean.toFixed(4) ?? ''}`,
      );
      console.log(`  ${protocol} ${part}: ${text.join('  ')}`);
    }
  }
}
