/** Tag recommendation on ml-10m-tags: 5-core, one random post a user held out, all tags ranked; every tag recommender, on validation and test.
 *  Run: npm run build && node bench/tags.mjs [--folder ../shared/data/ml-10m-tags] [--only NAME …] [--splits 1,2,3] [--part validation|test|both]
 *       [--seed N] [--set name=value …]   (--set with a single --only: other settings than the defaults)
 *  A split is a choice of the held-out posts. For the test the validation posts are trained on, and nothing is chosen by it. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateTags } from '#dist/evaluation/tags/evaluate-tags.js';
import { coreOf, parseTaggings, tagDataOf } from '#dist/evaluation/tags/tag-core.js';
import { prepareTagSplit } from '#dist/evaluation/tags/tag-protocol.js';
import { TAG_SYSTEMS } from '#dist/models/systems.js';
import { settingsOf, train } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-10m-tags' },
    only: { type: 'string', multiple: true, default: TAG_SYSTEMS.map(({ name }) => name) },
    splits: { type: 'string', default: '1,2,3' },
    part: { type: 'string', default: 'both' },
    seed: { type: 'string', default: '1' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const file = `${values.folder}/tags.dat`;
if (!existsSync(file)) {
  console.error(
    `${file} is not there: name the folder of MovieLens 10M with --folder. Nothing was measured.`,
  );
  process.exit(1);
}
const given = settingsOf(values.set);
const data = tagDataOf(coreOf(parseTaggings(readFileSync(file, 'utf8')), 5));
console.log(
  `${data.taggings.tagIndex.length} taggings, ${data.users.size} users, ${data.items.size} movies, ${data.tagNames.length} tags`,
);

const cell = (metrics, name) => metrics[name].toFixed(4).slice(1);
const columns = ['5', '10', '20'].flatMap((k) => [`precision@${k}`, `recall@${k}`]).concat('ndcg@10');
console.log(
  `| system | part | split | ${columns.join(' | ')} | CPU s |\n|${' --- |'.repeat(columns.length + 4)}`,
);
const tagSystemNamed = (name) => TAG_SYSTEMS.find((system) => system.name === name);
const parts = values.part === 'both' ? ['validation', 'test'] : [values.part];
for (const part of parts) {
  for (const name of values.only) {
    const found = [];
    for (const split of values.splits.split(',').map(Number)) {
      const posts = prepareTagSplit(data, { seed: split, validation: part === 'validation' });
      const { model, cpuSeconds } = await train(tagSystemNamed(name), posts, {
        settings: given,
        seed: values.seed,
        validates: false,
      });
      const { rows } = await evaluateTags(model, posts, {
        splits: [part === 'test' ? 'TEST' : 'VALIDATION'],
      });
      const metrics = Object.fromEntries(rows.map(({ metric, k, mean }) => [`${metric}@${k}`, mean]));
      found.push(metrics);
      console.log(
        `| ${name} | ${part} | ${split} | ${columns.map((column) => cell(metrics, column)).join(' | ')} | ${cpuSeconds.toFixed(1)} |`,
      );
    }
    if (found.length < 2) continue;
    const mean = Object.fromEntries(
      columns.map((column) => [column, found.reduce((sum, of) => sum + of[column], 0) / found.length]),
    );
    console.log(
      `| ${name} | ${part} | mean | ${columns.map((column) => cell(mean, column)).join(' | ')} | |`,
    );
  }
}
