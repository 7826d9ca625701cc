/** A fingerprint of everything that training may see, stored with each experiment: equal
 *  fingerprints, equal data. */
import { createHash, type Hash } from 'node:crypto';
import type { InteractionLog, TagLog, TrainingData } from './interaction-log';
import type { Vocabulary } from './vocabulary';

/** SHA-256 over users, items, ratings, features, demographics and taggings in canonical order:
 *  users and items by id, each user's rows in time, tags by first use. Neither the order in which
 *  rows entered the database nor the numbers that the database gave to tags matter; a rating, a
 *  value, an order, a feature or a tag does.
 *  @returns 64 hexadecimal digits */
export function datasetHash(data: TrainingData): string {
  const hash = createHash('sha256').update('nearfield-dataset-1');
  const users = ascending(data.interactions.users);
  const items = ascending(data.interactions.items);
  hashInteractions(hash, data.interactions, users, items);
  hashFeatures(hash, data, items);
  hashDemographics(hash, data, users);
  hashTaggings(hash, data.taggings, data.interactions);
  return hash.digest('hex');
}

/** The same of taggings alone, for systems that learn from nothing else: ratings do not matter to
 *  it.
 *  @returns 64 hexadecimal digits */
export function taggingsHash(
  taggings: TagLog,
  of: { readonly users: Vocabulary; readonly items: Vocabulary },
): string {
  const hash = createHash('sha256').update('nearfield-taggings-1');
  hashTaggings(hash, taggings, of);
  return hash.digest('hex');
}

/** @returns dense indices in ascending order of id */
function ascending(vocabulary: Vocabulary): Int32Array {
  return Int32Array.from(vocabulary.ids, (_, index) => index).sort(
    (a, b) => vocabulary.ids[a] - vocabulary.ids[b],
  );
}

function hashInteractions(hash: Hash, log: InteractionLog, users: Int32Array, items: Int32Array): void {
  addInts(
    hash,
    'items',
    Int32Array.from(items, (item) => log.items.ids[item]),
  );
  addInts(
    hash,
    'users',
    Int32Array.from(users, (user) => log.users.ids[user]),
  );
  addInts(
    hash,
    'lengths',
    Int32Array.from(users, (user) => log.offsets[user + 1] - log.offsets[user]),
  );
  const order = new Int32Array(log.itemIndex.length);
  let next = 0;
  for (const user of users)
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++) order[next++] = row;
  addInts(
    hash,
    'itemIds',
    Int32Array.from(order, (row) => log.items.ids[log.itemIndex[row]]),
  );
  addFloats(
    hash,
    'values',
    Float64Array.from(order, (row) => log.value[row]),
  );
  addFloats(
    hash,
    'timestamps',
    Float64Array.from(order, (row) => log.timestamp[row]),
  );
}

function hashFeatures(hash: Hash, { itemFeatures }: TrainingData, items: Int32Array): void {
  const { genreNames, genreOffsets, genreIndex, year } = itemFeatures;
  const genresOf = (item: number) =>
    Array.from(
      genreIndex.subarray(genreOffsets[item], genreOffsets[item + 1]),
      (g) => genreNames[g],
    ).sort();
  addText(hash, 'genres', JSON.stringify(Array.from(items, genresOf)));
  addInts(
    hash,
    'years',
    Int32Array.from(items, (item) => year[item]),
  );
}

function hashDemographics(hash: Hash, { demographics }: TrainingData, users: Int32Array): void {
  const known =
    demographics &&
    Array.from(users, (user) => [
      demographics[user].gender,
      demographics[user].age,
      demographics[user].occupation,
    ]);
  addText(hash, 'demographics', JSON.stringify(known));
}

function hashTaggings(hash: Hash, taggings: TagLog, log: Pick<InteractionLog, 'users' | 'items'>): void {
  const nameOf = new Map<number, number>();
  const named = (tag: number) => {
    const name = nameOf.get(tag) ?? nameOf.size;
    nameOf.set(tag, name);
    return name;
  };
  addInts(hash, 'tagCount', Int32Array.of(taggings.tags.size));
  addInts(
    hash,
    'taggers',
    taggings.userIndex.map((user) => (user < 0 ? -1 : log.users.ids[user])),
  );
  addInts(
    hash,
    'tagged',
    taggings.itemIndex.map((item) => log.items.ids[item]),
  );
  addInts(hash, 'tags', taggings.tagIndex.map(named));
}

/** Every part begins with its name and length, so that no two data sets give one stream of
 *  bytes. */
function addInts(hash: Hash, name: string, values: Int32Array): void {
  hash.update(`\n${name} ${values.length}\n`).update(values);
}

function addFloats(hash: Hash, name: string, values: Float64Array): void {
  // One NaN and one zero: their other bit patterns mean the same.
  for (let i = 0; i < values.length; i++)
    if (!(values[i] > 0 || values[i] < 0)) values[i] = Number.isNaN(values[i]) ? Number.NaN : 0;
  hash.update(`\n${name} ${values.length}\n`).update(values);
}

function addText(hash: Hash, name: string, text: string): void {
  hash.update(`\n${name} ${text.length}\n`).update(text, 'utf8');
}
