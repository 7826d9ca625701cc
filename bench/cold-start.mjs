/** Accuracy of lists for people and films of which little is known.
 *  node bench/cold-start.mjs [--folder seeds/ml-latest-small] [--algorithm NAME …]
 *       [--set name=value …] [--split-seeds N] [--part NAME …]
 *  node bench/cold-start.mjs --movies …   by the number of known ratings of a film: one training
 *       for each number
 *  node bench/cold-start.mjs --priors --folder ../shared/data/ml-1m   users without a rating, by
 *       their demographics
 *  --set is for TWO_TOWER. Choose by VALIDATION, which training also stops by (with a fifth of each
 *  user's ratings at random to be found).
 *  @import { ColdStartRow } from '#dist/evaluation/cold-start/curve.js'
 *  @import { Demographics } from '#dist/interactions/interaction-log.js'
 *  @import { PreparedSplit } from '#dist/interactions/splits.js' */
import { parseArgs } from 'node:util';
import { KNOWN_RATINGS } from '#dist/evaluation/cold-start/curve.js';
import {
  itemTrainingData,
  measureNewItems,
  NEW_ITEMS_CUTOFF,
  planNewItems,
} from '#dist/evaluation/cold-start/new-items.js';
import { measureNewcomers } from '#dist/evaluation/cold-start/newcomers.js';
import { Candidates } from '#dist/evaluation/ranking.js';
import { countDemographics, demographicPrior } from '#dist/interactions/demographic-prior.js';
import { prepareSplit, SPLIT_NAMES } from '#dist/interactions/splits.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { logEpochs, mean, movieSystem, oneOf, settingsOf, train } from './support/study.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'seeds/ml-latest-small' },
    algorithm: { type: 'string', multiple: true, default: ['POPULARITY', 'ITEM_KNN', 'EASE', 'TWO_TOWER'] },
    set: { type: 'string', multiple: true, default: [] },
    'split-seeds': { type: 'string', default: '1' },
    part: { type: 'string', multiple: true, default: ['VALIDATION', 'TEST'] },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    movies: { type: 'boolean', default: false },
    priors: { type: 'boolean', default: false },
  },
});
const settings = settingsOf(values.set);
const { data } = await readDataset(values.folder);
/** @param {number} value */
const three = (value) => value.toFixed(3);

if (values.priors) await comparePriors();
else if (values.movies) await measureMovies();
else await measurePeople();

/** @param {string} name @param {PreparedSplit} split @param {boolean} validates false: trains all
 *    epochs */
async function trainOn(name, split, validates = true) {
  const { model } = await train(movieSystem(name), split, {
    settings: name === 'TWO_TOWER' ? settings : {},
    seed: values.seed,
    backend: values.backend,
    validates,
    onEpoch: logEpochs(name),
  });
  return model;
}

/** The curve that an experiment under NEW_USERS keeps. */
async function measurePeople() {
  console.log(`| part | metric | system | users |${KNOWN_RATINGS.map((n) => ` ${n} |`).join('')}`);
  console.log(`|${' --- |'.repeat(4 + KNOWN_RATINGS.length)}`);
  for (const name of values.algorithm) {
    const curves = values.part.map((part) => ({
      part: oneOf('part', SPLIT_NAMES, part),
      rows: /** @type {ColdStartRow[][]} */ ([]),
    }));
    for (let splitSeed = 1; splitSeed <= Number(values['split-seeds']); splitSeed++) {
      const split = prepareSplit(data, { scheme: 'NEW_USERS', seed: splitSeed });
      const model = await trainOn(name, split);
      for (const { part, rows } of curves) rows.push(await measureNewcomers(model, split, { part }));
    }
    for (const { part, rows } of curves)
      for (const metric of ['recall', 'ndcg']) printCurve(`${part} | ${metric}@20 | ${name}`, metric, rows);
  }
}

/** @param {string} title @param {string} metric
 *  @param {ColdStartRow[][]} curves one for each split */
function printCurve(title, metric, curves) {
  const points = KNOWN_RATINGS.map((known) =>
    curves.flatMap((rows) => rows.find((row) => row.metric === metric && row.knownRatings === known) ?? []),
  );
  const users = points[0].reduce((sum, row) => sum + row.users, 0);
  const cells = points.map((rows) => {
    const value = three(mean(rows.map((row) => row.mean)));
    return rows.length > 1
      ? ` ${value} |`
      : ` ${value} [${three(rows[0].ciLow)}, ${three(rows[0].ciHigh)}] |`;
  });
  console.log(`| ${title} | ${users} |${cells.join('')}`);
}

/** One training for each number of known ratings: see new-items.ts. */
async function measureMovies() {
  const split = prepareSplit(data, { scheme: 'COLD_ITEMS' });
  const plan = planNewItems(split);
  console.log(
    `${plan.candidates.length} films, ${plan.truth.size} users; by chance recall@${NEW_ITEMS_CUTOFF} is ${three(NEW_ITEMS_CUTOFF / plan.candidates.length)}.\n`,
  );
  console.log(
    `| metric | system |${KNOWN_RATINGS.map((n) => ` ${n} |`).join('')}\n|${' --- |'.repeat(2 + KNOWN_RATINGS.length)}`,
  );
  for (const name of values.algorithm) {
    /** @type {ColdStartRow[]} */
    const rows = [];
    for (const known of KNOWN_RATINGS) {
      const model = await trainOn(
        name,
        { ...split, trainingData: itemTrainingData(split, plan, known) },
        false,
      );
      rows.push(...(await measureNewItems(model, split, plan, { known })));
    }
    for (const metric of ['recall', 'ndcg']) {
      const cells = rows
        .filter((row) => row.metric === metric)
        .map((row) => ` ${three(row.mean)} [${three(row.ciLow)}, ${three(row.ciHigh)}] |`);
      console.log(`| ${metric}@${NEW_ITEMS_CUTOFF} | ${name} |${cells.join('')}`);
    }
  }
}

/** The first ten ratings of new users, of whom only gender, age and occupation are known. */
async function comparePriors() {
  const split = prepareSplit(data, { scheme: 'NEW_USERS' });
  const { full, demographics, trainingData } = split;
  if (demographics === null) throw new Error(`${values.folder} has no demographics.`);
  const counts = countDemographics(trainingData);
  const popularity = Float64Array.from(counts.all.items, (count) => (count + 0.5) / (counts.all.users + 1));
  /** @param {Demographics} person @param {number} weight */
  const product = ({ gender, age, occupation }, weight, smoothing = 50) => {
    const groups = [`gender:${gender}`, `age:${age}`, `occupation:${occupation}`].flatMap(
      (name) => counts.groups.get(name) ?? [],
    );
    return popularity.map((p, item) =>
      groups.reduce(
        (sum, g) => sum + weight * Math.log((g.items[item] + smoothing * p) / (g.users + smoothing) / p),
        Math.log(p),
      ),
    );
  };
  /** @type {Record<string, (person: Demographics) => ArrayLike<number>>} */
  const systems = {
    'number of ratings': () => popularity,
    'mean of the groups (what the server does)': (person) => demographicPrior(counts, person) ?? popularity,
    'product of the groups': (person) => product(person, 1),
    'product of the groups, weight 0.75': (person) => product(person, 0.75),
  };
  if (values.algorithm.includes('TWO_TOWER')) {
    const model = await trainOn('TWO_TOWER', split);
    const nothing = {
      items: new Int32Array(0),
      values: new Float32Array(0),
      timestamps: new Float64Array(0),
    };
    systems['the tower without a history'] = (person) =>
      model.score([{ ...nothing, demographics: person }]);
  }
  console.log(
    '| part | prior | users | recall@20 of the first ten | NDCG@20 | of the first 20, rated at any time |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const part of SPLIT_NAMES) {
    for (const [name, score] of Object.entries(systems)) {
      /** @type {Map<string, Int32Array>} */
      const lists = new Map();
      const sums = { recall: 0, ndcg: 0, any: 0 };
      const { users } = split.parts[part];
      for (const user of users) {
        const person = demographics[user];
        const key = JSON.stringify(person);
        const ranked = new Candidates(full.items.size, null);
        if (!lists.has(key)) ranked.load(Float32Array.from(score(person)), new Int32Array(0), 1);
        const list = lists.get(key) ?? ranked.head(20);
        lists.set(key, list);
        const rated = full.itemIndex.subarray(full.offsets[user], full.offsets[user + 1]);
        const [ten, any] = [new Set(rated.subarray(0, 10)), new Set(rated)];
        const discounts = Array.from({ length: 20 }, (_, rank) => 1 / Math.log2(rank + 2));
        const ideal = discounts.slice(0, ten.size).reduce((sum, value) => sum + value, 0);
        list.forEach((item, rank) => {
          if (ten.has(item)) sums.recall += 1 / ten.size;
          if (ten.has(item)) sums.ndcg += discounts[rank] / ideal;
          if (any.has(item)) sums.any += 1 / 20;
        });
      }
      const figures = Object.values(sums).map((sum) => three(sum / users.length));
      console.log(`| ${part} | ${name} | ${users.length} | ${figures.join(' | ')} |`);
    }
  }
}
