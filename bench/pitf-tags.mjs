/** PITF as published, in tag recommendation on ml-10m-tags: 5-core, one random post of each user with at least two held out, all tags ranked.
 *  Run: npm run build && node bench/pitf-tags.mjs [--folder ../shared/data/ml-10m-tags] [--seed N] [--validation] [--set name=value …]
 *  With --validation another post of each user with at least three is held out and measured instead; neither is trained on. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fitPitfTags, pitfTagHyperparameters } from '../dist/algorithms/pitf/tag-recommender.js';
import { buildInteractionLog, buildTagLog } from '../dist/interactions/build.js';
import { Random } from '../dist/numeric/random.js';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-10m-tags' },
    seed: { type: 'string', default: '1' },
    validation: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const settings = pitfTagHyperparameters.parse(
  Object.fromEntries(values.set.map((pair) => pair.split('=')).map(([name, value]) => [name, Number(value)])),
);

/** Distinct [user, movie, tag], tags lower-cased and trimmed; every user, movie and tag with at least `least` of them. */
function readTriples(least) {
  const names = new Map();
  const idOf = (name) => names.get(name) ?? names.set(name, names.size + 1).size;
  const seen = new Set();
  let triples = [];
  for (const line of readFileSync(`${values.folder}/tags.dat`, 'utf8').split('\n').filter(Boolean)) {
    const [user, movie, tag] = line.split('::');
    const triple = [Number(user), Number(movie), idOf(tag.trim().toLowerCase())];
    if (seen.has(triple.join())) continue;
    seen.add(triple.join());
    triples.push(triple);
  }
  for (let before = Infinity; triples.length < before; ) {
    before = triples.length;
    const counts = [0, 1, 2].map((mode) => countsOf(triples, mode));
    triples = triples.filter((triple) => triple.every((id, mode) => counts[mode].get(id) >= least));
  }
  return triples;
}

function countsOf(triples, mode) {
  const counts = new Map();
  for (const triple of triples) counts.set(triple[mode], (counts.get(triple[mode]) ?? 0) + 1);
  return counts;
}

const triples = readTriples(5);
const postsByUser = new Map();
for (const [user, movie] of triples) postsByUser.set(user, (postsByUser.get(user) ?? new Set()).add(movie));
const random = new Random(1);
const heldOut = new Map();
const measured = new Map();
for (const [user, movies] of postsByUser) {
  if (movies.size < 2) continue;
  const order = random.shuffle(Int32Array.from(movies));
  heldOut.set(`${user} ${order[0]}`, true);
  if (!values.validation) measured.set(`${user} ${order[0]}`, []);
  else if (movies.size >= 3) {
    heldOut.set(`${user} ${order[1]}`, true);
    measured.set(`${user} ${order[1]}`, []);
  }
}
for (const [user, movie, tag] of triples) measured.get(`${user} ${movie}`)?.push(tag);
const posts = new Map(triples.map(([user, movie]) => [`${user} ${movie}`, [user, movie]]));
const rows = [...posts.values()];
const interactions = buildInteractionLog({
  userId: rows.map(([user]) => user),
  itemId: rows.map(([, movie]) => movie),
  value: rows.map(() => 0),
  timestamp: rows.map(() => Number.NaN),
  ordinal: rows.map((_, at) => at),
});
const training = triples.filter(([user, movie]) => !heldOut.has(`${user} ${movie}`));
const taggings = buildTagLog(
  {
    userId: training.map(([user]) => user),
    itemId: training.map(([, movie]) => movie),
    tagId: training.map(([, , tag]) => tag),
    timestamp: training.map(() => 0),
    ordinal: training.map((_, at) => at),
  },
  interactions,
);
console.log(
  `${triples.length} triples, ${posts.size} posts, ${interactions.users.size} users, ${interactions.items.size} movies, ${taggings.tags.size} tags; ${measured.size} posts measured`,
);
const sizes = { users: interactions.users.size, items: interactions.items.size };
const startedAt = process.cpuUsage().user;
const model = await fitPitfTags(taggings, sizes, settings, {
  seed: Number(values.seed),
  signal: new AbortController().signal,
  onProgress() {},
});
const seconds = (process.cpuUsage().user - startedAt) / 1e6;
const sums = new Map();
const add = (name, value) => sums.set(name, (sums.get(name) ?? 0) + value / measured.size);
for (const [key, tags] of measured) {
  const [user, movie] = posts.get(key);
  const scores = model.score(interactions.users.indexOf(user), interactions.items.indexOf(movie));
  const ranked = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  // A tag that training has not seen is missed.
  const relevant = new Set(tags);
  const hits = ranked.slice(0, 20).map((tag) => (relevant.has(taggings.tags.ids[tag]) ? 1 : 0));
  for (const k of [5, 10, 20]) {
    const found = hits.slice(0, k).reduce((sum, hit) => sum + hit, 0);
    add(`p@${k}`, found / k);
    add(`r@${k}`, found / relevant.size);
  }
  const gain = (list) => list.reduce((sum, hit, at) => sum + hit / Math.log2(at + 2), 0);
  add('NDCG@10', gain(hits.slice(0, 10)) / gain(new Array(Math.min(10, relevant.size)).fill(1)));
}
console.log(`PITF ${JSON.stringify(settings)}, seed ${values.seed}, ${values.validation ? 'validation' : 'test'} posts`);
console.log(`  ${[...sums].map(([name, value]) => `${name} ${value.toFixed(3)}`).join('  ')}; training ${seconds.toFixed(0)} s of CPU`);
