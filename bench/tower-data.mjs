/** Data for the tower's benches, read straight from the files: no database is needed to measure a model. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../dist/interactions/build.js';
import { Random } from '../dist/numeric/random.js';

const ordinals = (rows) => Int32Array.from(rows.keys());
const genresOf = (text) => (text === '(no genres listed)' ? [] : text.split('|'));
const yearOf = (title) => Number(/\((\d{4})\)\s*$/.exec(title)?.[1] ?? 0) || null;

/** @param folder a MovieLens release in csv
 *  @param shuffleTies orders what a user rated in the same second at random, instead of as the file does (by movie id)
 *  @returns `data` (TrainingData), and the titles by movie id */
export function readLatest(folder, { shuffleTies = false } = {}) {
  const read = (name) => parse(readFileSync(`${folder}/${name}.csv`), { columns: true });
  const [movies, ratings, tags] = ['movies', 'ratings', 'tags'].map(read);
  const column = (rows, name, make = Number) => rows.map((row) => make(row[name]));
  const interactions = buildInteractionLog(
    {
      userId: column(ratings, 'userId'),
      itemId: column(ratings, 'movieId'),
      value: column(ratings, 'rating'),
      timestamp: column(ratings, 'timestamp'),
      ordinal: shuffleTies ? new Random(1).shuffle(ordinals(ratings)) : ordinals(ratings),
    },
    { itemIds: column(movies, 'movieId') },
  );
  const names = new Map();
  const tagId = column(tags, 'tag', (tag) => {
    const name = tag.trim().toLowerCase();
    if (!names.has(name)) names.set(name, names.size + 1);
    return names.get(name);
  });
  const taggings = buildTagLog(
    {
      userId: column(tags, 'userId'),
      itemId: column(tags, 'movieId'),
      tagId,
      timestamp: column(tags, 'timestamp'),
      ordinal: ordinals(tags),
    },
    interactions,
  );
  const itemFeatures = buildItemFeatures(interactions.items, {
    itemId: column(movies, 'movieId'),
    genres: column(movies, 'genres', genresOf),
    year: column(movies, 'title', yearOf),
  });
  return {
    data: { interactions, itemFeatures, taggings, demographics: null },
    titles: new Map(movies.map(({ movieId, title }) => [Number(movieId), title])),
    tagNames: new Map([...names].map(([name, id]) => [id, name])),
  };
}

/** ML-1M as shared/data has it: order without times or stars. @returns `data`, `titles`, and the published candidates as Negatives */
export function readMl1m(folder) {
  const text = (name) =>
    (name.endsWith('.gz') ? gunzipSync(readFileSync(`${folder}/${name}`)) : readFileSync(`${folder}/${name}`)).toString('latin1');
  const lines = (name) => text(name).split('\n').filter(Boolean);
  const pairs = lines('interactions.csv.gz')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  const interactions = buildInteractionLog({
    userId: pairs.map(([user]) => user),
    itemId: pairs.map(([, item]) => item),
    value: new Float32Array(pairs.length),
    timestamp: new Float64Array(pairs.length).fill(Number.NaN),
    ordinal: ordinals(pairs),
  });
  const movies = lines('movies.dat').map((line) => line.trim().split('::'));
  const known = movies.filter(([id]) => interactions.items.indexOf(Number(id)) !== undefined);
  const itemFeatures = buildItemFeatures(interactions.items, {
    itemId: known.map(([id]) => Number(id)),
    genres: known.map(([, , genres]) => genresOf(genres)),
    year: known.map(([, title]) => yearOf(title)),
  });
  const taggings = buildTagLog({ userId: [], itemId: [], tagId: [], timestamp: [], ordinal: [] }, interactions);
  const byUser = new Map(
    lines('users.dat')
      .map((line) => line.trim().split('::'))
      .map(([id, gender, age, occupation]) => [Number(id), { gender, age: Number(age), occupation }]),
  );
  const demographics = Array.from(interactions.users.ids, (id) => byUser.get(id) ?? { gender: null, age: null, occupation: null });
  return {
    data: { interactions, itemFeatures, taggings, demographics },
    titles: new Map(movies.map(([id, title]) => [Number(id), title])),
    negatives: publishedNegatives(interactions, lines('loo-candidates.csv.gz').slice(1)),
  };
}

/** 156 of the published negatives are the held-out movie itself: left out (shared/data/README.md). */
function publishedNegatives({ users, items }, lines) {
  const lists = new Map(
    lines.map((line) => {
      const [user, heldOut, ids] = line.split(',');
      return [
        Number(user),
        ids
          .trim()
          .split(' ')
          .filter((id) => id !== heldOut)
          .map((id) => items.indexOf(Number(id)))
          .filter((index) => index !== undefined),
      ];
    }),
  );
  const offsets = new Int32Array(users.size + 1);
  users.ids.forEach((id, user) => {
    offsets[user + 1] = offsets[user] + (lists.get(id)?.length ?? 0);
  });
  return { offsets, items: Int32Array.from(Array.from(users.ids, (id) => lists.get(id) ?? []).flat()) };
}
