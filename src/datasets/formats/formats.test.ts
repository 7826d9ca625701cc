/** Every data format, one suite: recognised by its files wherever they lie, and read completely. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CSV,
  type Files,
  HUNDRED_K,
  ONE_M,
  TEN_M,
  writeRelease,
  zipOf,
} from '../../../test/support/releases';
import { FORMATS, filesRead, openRelease, readRelease } from './formats';

interface Sample {
  readonly files: Files;
  /** Rows of each kind; users are those that the format lists. */
  readonly rows: Readonly<Record<'movies' | 'users' | 'ratings' | 'taggings' | 'genomeScores', number>>;
}

/** One a format, by its name. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  interactions: {
    files: {
      'interactions.csv': 'userId,movieId,timestamp\n1,5,100\n1,6,100\n2,6,50\n',
      'movies.dat': '5::Heat (1995)::Action\n',
      'users.dat': '1::F::25::6::12345\n',
      'tags.csv': 'userId,movieId,tag,timestamp\n1,6,heist,5\n',
    },
    rows: { movies: 1, users: 1, ratings: 3, taggings: 1, genomeScores: 0 },
  },
  csv: { files: CSV, rows: { movies: 4, users: 0, ratings: 4, taggings: 5, genomeScores: 3 } },
  '1m': { files: ONE_M, rows: { movies: 2, users: 3, ratings: 3, taggings: 0, genomeScores: 0 } },
  '10m': { files: TEN_M, rows: { movies: 2, users: 0, ratings: 2, taggings: 3, genomeScores: 0 } },
  '100k': { files: HUNDRED_K, rows: { movies: 3, users: 3, ratings: 3, taggings: 0, genomeScores: 0 } },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearfield-formats-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('has every format of this folder in the list, and a sample of each', () => {
  const isFormat = (value: unknown) =>
    typeof value === 'object' && value !== null && 'readRatings' in value;
  const defined = readdirSync(__dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => Object.values(require(join(__dirname, name)) as Record<string, unknown>))
    .filter(isFormat);
  expect(new Set(FORMATS)).toEqual(new Set(defined));
  expect(FORMATS).toHaveLength(defined.length);
  expect(Object.keys(SAMPLES)).toEqual(FORMATS.map(({ name }) => name));
});

describe.each(FORMATS)('$name', (format) => {
  const { files, rows } = SAMPLES[format.name] ?? { files: {}, rows: {} };

  async function open(path: string) {
    const opened = await openRelease(path, FORMATS);
    try {
      return { name: opened.format.name, hash: await opened.files.sourceHash(filesRead(opened)) };
    } finally {
      await opened.files.close();
    }
  }

  it('is recognised in a folder, gzipped, in a folder in a folder, and in an archive, as the same data', async () => {
    const plain = await open(writeRelease(join(folder, 'plain'), files));
    expect(plain.name).toBe(format.name);
    const renamed = (rename: (name: string) => string, pack = (bytes: string | Buffer) => bytes): Files =>
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [rename(name), pack(bytes)]));
    expect(
      await open(
        writeRelease(
          join(folder, 'gzipped'),
          renamed((name) => `${name}.gz`, gzipSync),
        ),
      ),
    ).toEqual(plain);
    writeRelease(join(folder, 'outer', 'anything'), files);
    expect(await open(join(folder, 'outer'))).toEqual(plain);
    const archives = [
      renamed((name) => `ml-x/${name}`),
      { '__MACOSX/ratings.csv': 'junk', ...files, 'deep/er/ratings.dat': 'junk' },
    ];
    for (const [index, content] of archives.entries()) {
      const path = join(folder, `${index}.zip`);
      writeFileSync(path, zipOf(content));
      expect(await open(path)).toEqual(plain);
    }
  });

  it('is read completely, each stream to the end of its file', async () => {
    const opened = await openRelease(writeRelease(folder, files), FORMATS);
    const release = await readRelease(opened);
    const found = {
      movies: release.movies.length,
      users: release.users?.length ?? 0,
      ratings: 0,
      taggings: 0,
      genomeScores: 0,
    };
    const bytes = { ratings: 0, taggings: 0, genomeScores: 0 };
    for await (const { length, userIds, movieIds, lines, bytesRead } of release.ratings()) {
      found.ratings += length;
      bytes.ratings = bytesRead;
      for (const column of [userIds, movieIds, lines]) expect(Math.min(...column)).toBeGreaterThan(0);
    }
    for await (const { bytesRead } of release.taggings()) {
      found.taggings++;
      bytes.taggings = bytesRead;
    }
    for await (const { length, bytesRead } of release.genomeScores()) {
      found.genomeScores += length;
      bytes.genomeScores = bytesRead;
    }
    expect(found).toEqual(rows);
    expect(bytes).toEqual(release.sizes);
  });

  it('is described in docs/seeding.md or docs/paper/README.md, file by file', () => {
    const docs = join(__dirname, '..', '..', '..', 'docs');
    const page = readFileSync(join(docs, format.hasStars ? 'seeding.md' : 'paper/README.md'), 'utf8');
    const forgotten = [...format.required, ...format.optional].filter(
      (name) => !page.includes(`\`${name}\``),
    );
    expect(forgotten).toEqual([]);
  });
});
