/** Tag recommendation on ml-10m-tags: 5-core, one random post a user held out, all tags ranked;
 *  every tag recommender, on validation and test.
 *  node bench/tags.mjs [--folder ../shared/data/ml-10m-tags] [--only NAME …] [--splits 1,2,3]
 *       [--part validation|test|both] [--seed N] [--set name=value …]
 *  --set goes with a single --only: other settings than the defaults. A split is a choice of the
 *  held-out posts. For the test the validation posts are trained on; nothing is chosen by it. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateTags } from '#dist/evaluation/tags/evaluate-tags.js';
import { coreOf, parseTaggings, tagDataOf } from '#dist/evaluation/tags/tag-core.js';
import { prepareTagSplit } from '#dist/evaluation/tags/tag-protocol.js';
import { SPLIT_NAMES } from '#dist/interactions/splits.js';
import { TAG_SYSTEMS } from '#dist/models/systems.js';
import { mean, oneOf, settingsOf, train } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-10m-tags' },
    only: { type: 'string', multiple: true },
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

/** @param {Record<string, number>} metrics @param {string} name */
const cell = (metrics, name) => metrics[name].toFixed(4).slice(1);
const columns = ['5', '10', '20'].flatMap((k) => [`precision@${k}`, `recall@${k}`]).concat('ndcg@10');
console.log(
  `| system | part | split | ${columns.join(' | ')} | CPU s |\n|${' --- |'.repeat(columns.length + 4)}`,
);
const chosen = oneOf('part', ['validation', 'test', 'both'], values.part);
const parts = SPLIT_NAMES.filter((name) => chosen === 'both' || name.toLowerCase() === chosen);
const names = TAG_SYSTEMS.map(({ name }) => name);
const systems = (values.only ?? names).map(
  (name) => TAG_SYSTEMS[names.indexOf(oneOf('only', names, name))],
);
for (const part of parts) {
  for (const system of systems) {
    const title = `${system.name} | ${part.toLowerCase()}`;
    /** @type {Record<string, number>[]} */
    const found = [];
    for (const split of values.splits.split(',').map(Number)) {
      const posts = prepareTagSplit(data, { seed: split, validation: part === 'VALIDATION' });
      const { model, cpuSeconds } = await train(system, posts, {
        settings: given,
        seed: values.seed,
        validates: false,
      });
      const { rows } = await evaluateTags(model, posts, { splits: [part] });
      const metrics = Object.fromEntries(rows.map((row) => [`${row.metric}@${row.k}`, row.mean]));
      found.push(metrics);
      console.log(
        `| ${title} | ${split} | ${columns.map((column) => cell(metrics, column)).join(' | ')} | ${cpuSeconds.toFixed(1)} |`,
      );
    }
    if (found.length < 2) continue;
    const means = Object.fromEntries(
      columns.map((column) => [column, mean(found.map((of) => of[column]))]),
    );
    console.log(`| ${title} | mean | ${columns.map((column) => cell(means, column)).join(' | ')} | |`);
  }
}
