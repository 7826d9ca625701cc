/** Files as people have them, and every way in which they can be wrong: the message names file and
 *  line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readDataset } from './read-dataset';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-data-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return folder;
}

const PLAIN = 'userId,movieId\n7,30\n7,10\n7,20\n9,10\n9,40\n9,30\n';
const CANDIDATES = 'userId,heldOutMovieId,negativeMovieIds\n7,20,40 20\n9,30,20\n';

describe('interactions.csv', () => {
  it('gives the order of the lines, unknown stars and times, and the movies that occur', async () => {
    const { data, negatives } = await readDataset(folderOf({ 'interactions.csv': PLAIN }));
    const { users, items, offsets, itemIndex, value, timestamp } = data.interactions;
    expect(Array.from(users.ids)).toEqual([7, 9]);
    expect(Array.from(items.ids)).toEqual([10, 20, 30, 40]);
    expect(Array.from(offsets)).toEqual([0, 3, 6]);
    expect(Array.from(itemIndex, (item) => items.ids[item])).toEqual([30, 10, 20, 10, 40, 30]);
    expect(Array.from(value)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(timestamp.every(Number.isNaN)).toBe(true);
    expect(negatives).toBeNull();
    expect(data.demographics).toBeNull();
  });

  it('is the same with gzip, with Windows line ends, without the last one; another order is other data', async () => {
    const hashes = await Promise.all(
      [
        { 'interactions.csv': PLAIN },
        { 'interactions.csv.gz': PLAIN },
        { 'interactions.csv': PLAIN.replaceAll('\n', '\r\n') },
        { 'interactions.csv': PLAIN.trimEnd() },
        { 'interactions.csv': PLAIN.replace('7,30\n7,10', '7,10\n7,30') },
        { 'interactions.csv': PLAIN, 'loo-candidates.csv': CANDIDATES },
      ].map(async (files) => (await readDataset(folderOf(files))).hash),
    );
    expect(new Set(hashes.slice(0, 4)).size).toBe(1);
    expect(new Set(hashes).size).toBe(3);
  });

  it('reads times where there are some', async () => {
    const { data } = await readDataset(
      folderOf({ 'interactions.csv': 'userId,movieId,timestamp\n1,5,100\n2,5,50\n1,6,100\n' }),
    );
    expect(Array.from(data.interactions.timestamp)).toEqual([100, 100, 50]);
  });

  it('takes genres, years, demographics and tags from what lies beside it, of known movies', async () => {
    const { data, titles, tagNames } = await readDataset(
      folderOf({
        'interactions.csv': PLAIN,
        'movies.csv': 'movieId,title,genres\n10,Heat (1995),Action|Crime\n99,Nobody saw it (2000),Drama\n',
        'users.dat': '9::F::25::6::12345\n',
        'tags.csv': 'userId,movieId,tag,timestamp\n7,10,Heist ,5\n9,10,heist,6\n9,99,drama,7\n',
      }),
    );
    expect(data.itemFeatures.genreNames).toEqual(['Action', 'Crime']);
    expect(Array.from(data.itemFeatures.year)).toEqual([1995, 0, 0, 0]);
    expect(data.demographics).toEqual([
      { gender: null, age: null, occupation: null },
      { gender: 'F', age: 25, occupation: 'doctor/health care' },
    ]);
    expect(data.taggings.tagIndex).toHaveLength(2);
    expect([...tagNames.values()]).toEqual(['heist']);
    expect(titles.get(99)).toBe('Nobody saw it (2000)');
  });

  it.each([
    [
      'another header',
      'user,movie\n1,2\n',
      'interactions.csv, line 1: expected the header userId,movieId or userId,movieId,timestamp',
    ],
    ['an empty file', '', 'interactions.csv, line 1: expected the header'],
    [
      'a field too many',
      'userId,movieId\n1,2\n1,3,4\n',
      'interactions.csv, line 3: expected 2 fields, found 3.',
    ],
    [
      'an id that is none',
      'userId,movieId\n1,2\n1,x\n',
      'interactions.csv, line 3: the movie id must be a whole number',
    ],
    [
      'an empty line inside',
      'userId,movieId\n1,2\n\n1,3\n',
      'interactions.csv, line 3: the line is empty.',
    ],
    [
      'a pair twice',
      'userId,movieId\n1,2\n2,2\n1,2\n',
      'interactions.csv, line 4: duplicate interaction of user 1 with movie 2, first in line 2.',
    ],
    [
      'a time that goes back',
      'userId,movieId,timestamp\n1,2,9\n1,3,8\n',
      "interactions.csv, line 3: user 1's rows are not in order of time.",
    ],
    [
      'milliseconds',
      'userId,movieId,timestamp\n1,2,1700000000000\n',
      'interactions.csv, line 2: the timestamp must be seconds',
    ],
  ])('refuses %s', async (_, text, message) => {
    await expect(readDataset(folderOf({ 'interactions.csv': text }))).rejects.toThrow(message);
  });
});

describe('loo-candidates.csv', () => {
  const read = (candidates: string) =>
    readDataset(folderOf({ 'interactions.csv.gz': PLAIN, 'loo-candidates.csv.gz': candidates }));

  it('gives each user the published negatives, without the held-out movie itself', async () => {
    const { data, negatives, notes } = await read(CANDIDATES);
    const { ids } = data.interactions.items;
    expect(Array.from(negatives!.offsets)).toEqual([0, 1, 2]);
    expect(Array.from(negatives!.items, (item) => ids[item])).toEqual([40, 20]);
    expect(notes.join()).toContain('1 of the negatives are the held-out movie itself and were left out');
  });

  it.each([
    [
      'a held-out movie that is not the last',
      '7,10,40\n',
      'loo-candidates.csv, line 2: movie 10 is not the last one of user 7, which is 20.',
    ],
    ['a user without interactions', '8,10,40\n', 'loo-candidates.csv, line 2: user 8 has no interactions.'],
    ['a user twice', '7,20,40\n7,20,40\n', 'loo-candidates.csv, line 3: duplicate user 7.'],
    ['an unknown movie', '7,20,41\n', 'loo-candidates.csv, line 2: movie 41 has no interactions.'],
    [
      'a movie that the user knows',
      '7,20,30\n',
      'loo-candidates.csv, line 2: movie 30 is in the history of user 7',
    ],
    [
      'a negative twice',
      '7,20,40 40\n',
      'loo-candidates.csv, line 2: movie 40 is in the history of user 7 or a duplicate',
    ],
    ['a field too few', '7,20\n', 'loo-candidates.csv, line 2: expected 3 fields, found 2.'],
    ['no negatives', '7,20,20\n', 'loo-candidates.csv, line 2: user 7 has no negatives.'],
    ['somebody left out', '7,20,40\n', 'loo-candidates.csv has no line for user 9, who is evaluated.'],
  ])('refuses %s', async (_, lines, message) => {
    await expect(read(`userId,heldOutMovieId,negativeMovieIds\n${lines}`)).rejects.toThrow(message);
  });
});

describe('a release', () => {
  const MOVIES = '10::Heat (1995)::Action\n20::Toys (1992)::Comedy\n';

  it('is read in its own format, gzipped or under a name of its part, and its catalogue is all of its movies', async () => {
    const { data } = await readDataset(
      folderOf({
        'ratings-first-2-users.dat.gz': '1::20::5::100\n1::10::3::50\n2::10::1::70\n',
        'movies.dat': `${MOVIES}30::Unseen (1990)::Drama\n`,
      }),
    );
    const { items, itemIndex, value } = data.interactions;
    expect(Array.from(items.ids)).toEqual([10, 20, 30]);
    expect(Array.from(itemIndex, (item) => items.ids[item])).toEqual([10, 20, 10]);
    expect(Array.from(value)).toEqual([3, 5, 1]);
  });

  it('counts taggings as seeding does: blank and repeated ones are left out, spellings are one tag', async () => {
    const lines = ['1::10::Film  Noir::5', '1::10:: film noir::6', '2::10::film noir::7', '2::20:: ::8'];
    const { data, tagNames } = await readDataset(
      folderOf({
        'ratings.dat': '1::10::5::100\n2::10::4::100\n',
        'movies.dat': MOVIES,
        'tags.dat': `${lines.join('\n')}\n`,
      }),
    );
    expect(Array.from(data.taggings.timestamp ?? [])).toEqual([5, 7]);
    expect([...tagNames]).toEqual([[1, 'film noir']]);
  });

  it('names file and line of a pair that comes twice, and what is missing', async () => {
    const twice = folderOf({
      'ratings.dat': '1::10::5::100\n1::20::5::100\n1::10::4::200\n',
      'movies.dat': MOVIES,
    });
    await expect(readDataset(twice)).rejects.toThrow(
      'ratings.dat, line 3: duplicate interaction of user 1 with movie 10, first in line 1.',
    );
    await expect(readDataset(folderOf({ 'movies.dat': MOVIES }))).rejects.toThrow(
      /contains none of interactions\.csv, ratings\.csv/,
    );
    await expect(readDataset(join(tmpdir(), 'nearfield-nowhere'))).rejects.toThrow(
      'There is no folder or .zip at',
    );
  });

  it('shuffles what was rated in the same second, when asked, and nothing else', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `1::${i + 1}::3::${i < 20 ? 100 : 200}\n`).join('');
    const movies = Array.from({ length: 40 }, (_, i) => `${i + 1}::M (2000)::Drama\n`).join('');
    const folder = folderOf({ 'ratings.dat': lines, 'movies.dat': movies });
    const order = async (shuffleTies?: number) =>
      Array.from(
        (await readDataset(folder, shuffleTies === undefined ? {} : { shuffleTies })).data.interactions
          .itemIndex,
      );
    const inFile = await order();
    const shuffled = await order(1);
    expect(shuffled).not.toEqual(inFile);
    expect(shuffled.slice(0, 20).sort((a, b) => a - b)).toEqual(inFile.slice(0, 20));
  });
});
