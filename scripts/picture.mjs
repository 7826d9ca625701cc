/** Draws docs/space.svg: one user's surroundings in a space trained on the embedded data set.
 *  usage: npm run build && node scripts/picture.mjs [USER_ID] [MODEL_FILE]
 *  Trains the default tower (seed 1) unless MODEL_FILE exists, and keeps the model there.
 *  The distance of a dot from the centre is its distance in the space, true to scale. Its direction comes from the
 *  first two principal components of the films around the user, because a page has two dimensions. */
import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validationObjective } from '#dist/evaluation/validation-objective.js';
import { historyBefore, prepareSplit } from '#dist/interactions/splits.js';
import { decodeArtifact, encodeArtifact } from '#dist/models/artifact.js';
import { twoTower } from '#dist/models/metric-tower/metric-tower.js';
import { readTowerSpace } from '#dist/models/metric-tower/space.js';
import { euclideanDistance } from '#dist/numeric/scan.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';

const NEAREST = 8;
const TAGS = 3;
const AROUND = 400; // films whose principal components give the directions
const ONE_IN = 5; // other films drawn
const COMMON_TAG = 5; // taggings: a tag that hardly anybody used says little
const WIDTH = 960;
const HEIGHT = 590;
const CENTRE = 278; // y of the user
const RADIUS = 262;

const [userId = '318', file = join(tmpdir(), 'nearfield-picture.nfa')] = process.argv.slice(2);
const dataset = await readDataset('seeds/ml-latest-small');
const split = prepareSplit(dataset.data);
if (!existsSync(file)) await train();
const space = readTowerSpace(decodeArtifact(readFileSync(file)));
const d = space.embeddingSize;
const row = dataset.data.interactions.users.indexOf(Number(userId));
if (row === undefined) throw new Error(`The data set has no user ${userId}.`);
const history = historyBefore(split, row, 'TEST');
const user = space.userPoint(history);

/** @typedef {{ label: string, distance: number, offset: Float32Array, row: number }} Place */
const rated = new Set(history.items);
const movies = placesOf(space.itemPoints, (row) => dataset.titles.get(space.itemIds[row]) ?? '');
const tags = placesOf(space.tagPoints, (row) => dataset.tagNames.get(space.tagIds[row]) ?? '');
const unseen = movies.filter(({ row }) => !rated.has(row));
const answers = unseen.slice(0, NEAREST);
const { tagIndex } = dataset.data.taggings;
const nearTags = tags
  .filter(({ row }) => tagIndex.filter((tag) => tag === row).length >= COMMON_TAG)
  .slice(0, TAGS);
const outermost = movies[Math.floor(movies.length * 0.6)].distance;
const around = movies.slice(0, AROUND).map(({ offset }) => offset);
const middle = Float64Array.from(
  { length: d },
  (_, k) => around.reduce((sum, x) => sum + x[k], 0) / AROUND,
);
const axes = principalAxes(around);

const dots = [
  ...unseen.filter((_, n) => n >= NEAREST && n % ONE_IN === 0).map((place) => dot(place, 1.6, '#c3c8d0')),
  ...movies.filter(({ row }) => rated.has(row)).map((place) => dot(place, 2.6, '#2e8b57')),
  ...nearTags.map((place) => dot(place, 5, '#b8741a')),
  ...answers.map((place) => dot(place, 6, '#1f5fbf')),
];
const rings = [1, 2, 3, 4, 5, 6].filter((ring) => ring < outermost).map(ringAt);
writeFileSync(
  fileURLToPath(new URL('../docs/space.svg', import.meta.url)),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13">
<title>User ${userId} and the films nearest to them, drawn at their distances</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${[...rings, ...dots].join('\n')}
<circle cx="${WIDTH / 2}" cy="${CENTRE}" r="8" fill="#c0392b"/>
${labels([...answers, ...nearTags]).join('\n')}
${legend().join('\n')}
</svg>
`,
);
for (const { label, distance } of [...answers, ...nearTags]) console.log(distance.toFixed(2), label);

async function train() {
  const validate = validationObjective(split);
  const model = await twoTower.fit(split.trainingData, twoTower.hyperparameters.parse({}), {
    seed: 1,
    backend: 'auto',
    signal: new AbortController().signal,
    onProgress() {},
    onEpoch: ({ epoch, validationMetric }) => console.error(`epoch ${epoch}, NDCG@20 ${validationMetric}`),
    ...(validate && { validate }),
  });
  writeFileSync(file, encodeArtifact(model.save()));
}

/** All points, nearest first. @param {Float32Array} points @param {(row: number) => string} labelOf
 *  @returns {Place[]} */
function placesOf(points, labelOf) {
  return Array.from({ length: points.length / d }, (_, row) => {
    const point = points.subarray(row * d, row * d + d);
    const offset = point.map((value, k) => value - user[k]);
    return { label: labelOf(row), distance: euclideanDistance(point, user), offset, row };
  }).sort((a, b) => a.distance - b.distance);
}

/** Two directions of greatest variance, by power iteration. @param {Float32Array[]} offsets */
function principalAxes(offsets) {
  /** @type {Float64Array[]} */
  const axes = [];
  const centred = offsets.map((x) => Float64Array.from(x, (value, k) => value - middle[k]));
  for (let a = 0; a < 2; a++) {
    let axis = Float64Array.from({ length: d }, (_, k) => Math.cos(k * (a + 1)));
    for (let step = 0; step < 300; step++) {
      const next = new Float64Array(d);
      for (const x of centred) {
        const along = dot64(x, axis);
        for (let k = 0; k < d; k++) next[k] += along * x[k];
      }
      for (const other of axes) {
        const along = dot64(next, other);
        for (let k = 0; k < d; k++) next[k] -= along * other[k];
      }
      const norm = Math.sqrt(dot64(next, next));
      axis = next.map((value) => value / norm);
    }
    axes.push(axis);
  }
  return axes;
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function dot64(a, b) {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += a[k] * b[k];
  return sum;
}

/** @param {Place} place @returns {[number, number]} */
function at({ offset, distance }) {
  const centred = offset.map((value, k) => value - middle[k]);
  const angle = Math.atan2(dot64(centred, axes[1]), dot64(centred, axes[0]));
  const radius = (distance / outermost) * RADIUS;
  return [WIDTH / 2 + radius * Math.cos(angle), CENTRE + radius * Math.sin(angle)];
}

/** @param {Place} place @param {number} r @param {string} fill */
function dot(place, r, fill) {
  if (place.distance > outermost) return '';
  const [x, y] = at(place);
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" fill="${fill}"/>`;
}

/** @param {number} ring a distance */
function ringAt(ring) {
  const r = (ring / outermost) * RADIUS;
  return `<circle cx="${WIDTH / 2}" cy="${CENTRE}" r="${r.toFixed(1)}" fill="none" stroke="#dde1e7"/>
<text x="${WIDTH / 2}" y="${(CENTRE + r + 14).toFixed(1)}" text-anchor="middle" fill="#5d6675" stroke="#ffffff" stroke-width="3" paint-order="stroke" font-size="11">distance ${ring}</text>`;
}

/** One column of labels on each side, joined to their dots by lines. @param {Place[]} places */
function labels(places) {
  const sides = [
    { places: places.filter((place) => at(place)[0] < WIDTH / 2), x: 12, end: 178, anchor: 'start' },
    {
      places: places.filter((place) => at(place)[0] >= WIDTH / 2),
      x: WIDTH - 178,
      end: WIDTH - 182,
      anchor: 'start',
    },
  ];
  return sides.flatMap((side) =>
    side.places
      .sort((a, b) => at(a)[1] - at(b)[1])
      .map((place, n) => {
        const [x, y] = at(place);
        const line = ((n + 0.5) * (HEIGHT - 120)) / side.places.length + 30;
        const film = answers.includes(place);
        const text = place.label.replace(/ \(\d{4}\)$/, '').replace(/&/g, '&amp;');
        const short = text.length > 24 ? `${text.slice(0, 23)}…` : text;
        return `<line x1="${side.end}" y1="${line.toFixed(1)}" x2="${x.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#9aa3b2" stroke-width="0.8"/>
<text x="${side.x}" y="${(line - 2).toFixed(1)}" fill="${film ? '#1f5fbf' : '#b8741a'}">${film ? short : `“${short}”`}</text>
<text x="${side.x}" y="${(line + 13).toFixed(1)}" fill="#7b8494" font-size="11">${film ? 'film' : 'tag'}, distance ${place.distance.toFixed(2)}</text>`;
      }),
  );
}

function legend() {
  const entries = [
    ['#c0392b', `user ${userId}`],
    ['#1f5fbf', `the ${NEAREST} nearest films not yet rated`],
    ['#b8741a', 'nearest tags'],
    ['#2e8b57', 'films the user rated'],
    ['#c3c8d0', `one in ${ONE_IN} of the other films`],
  ];
  let x = 90;
  return entries.map(([fill, text]) => {
    const made = `<circle cx="${x}" cy="${HEIGHT - 12}" r="5" fill="${fill}"/><text x="${x + 9}" y="${HEIGHT - 8}" fill="#3b4352" font-size="12">${text}</text>`;
    x += 34 + text.length * 6.6;
    return made;
  });
}
