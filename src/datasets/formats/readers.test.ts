/** The line parsers: what is written is read back, and no bytes whatever bring anything but a typed
 *  error. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { MalformedLineError } from '../errors';
import { IdSet } from '../fields';
import { ReleaseFiles } from '../files';
import { type RatingLines, readRatingLines } from '../ratings';
import { readCsvMovies, readCsvTaggings, readGenomeScores, readGenomeTags } from './csv';
import { readDatMovies, readDatTaggings, readDatUsers } from './dat';
import type { TaggingRow } from './format';
import { readHundredKMovies, readHundredKUsers } from './hundred-k';

type Files = Record<string, string | Buffer>;

/** @param chunk bytes a read: small ones, so that lines fall apart at every place */
function memory(files: Files, chunk = 7): ReleaseFiles {
  const buffers = new Map(
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content as string)]),
  );
  return new ReleaseFiles({
    label: 'memory',
    sizes: new Map([...buffers].map(([name, bytes]) => [name, bytes.length])),
    open: async (name) => {
      const bytes = buffers.get(name) as Buffer;
      const parts = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, part) =>
        bytes.subarray(part * chunk, (part + 1) * chunk),
      );
      return Readable.from(parts);
    },
    close: async () => undefined,
  });
}

const FORMATS: RatingLines[] = [
  { file: 'ratings.csv', separator: ',', header: ['userId', 'movieId', 'rating', 'timestamp'] },
  { file: 'ratings.dat', separator: '::' },
  { file: 'u.data', separator: '\t' },
];
const head = (format: RatingLines) => (format.header ? `${format.header.join(',')}\n` : '');
const anyMovie = new IdSet(Array.from({ length: 10_000 }, (_, id) => id + 1));

interface RatingLine {
  user: number;
  movie: number;
  value: number;
  time: number;
  line: number;
}

async function ratingsOf(
  text: string | Buffer,
  format: RatingLines,
  movies = anyMovie,
): Promise<RatingLine[]> {
  const rows: RatingLine[] = [];
  for await (const batch of readRatingLines(memory({ [format.file]: text }), format, movies)) {
    for (let row = 0; row < batch.length; row++) {
      rows.push({
        user: batch.userIds[row],
        movie: batch.movieIds[row],
        value: batch.values[row],
        time: batch.times[row],
        line: batch.lines[row],
      });
    }
  }
  return rows;
}

const rating = fc.record({
  user: fc.integer({ min: 1, max: 2_147_483_647 }),
  movie: fc.integer({ min: 1, max: 10_000 }),
  value: fc.integer({ min: 1, max: 10 }).map((halves) => halves / 2),
  time: fc.integer({ min: 0, max: 4_102_444_800 }),
});

describe.each(FORMATS)('ratings of $file', (format) => {
  it('are read back as they were written, with either line end, with and without a last one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rating, { maxLength: 50 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, end, last) => {
          const shown = (value: number) => (format.separator === ',' ? value.toFixed(1) : String(value));
          const lines = rows.map(({ user, movie, value, time }) =>
            [user, movie, shown(value), time].join(format.separator),
          );
          const text =
            [...(format.header ? [format.header.join(',')] : []), ...lines].join(end) + (last ? end : '');
          const first = format.header ? 2 : 1;
          expect(await ratingsOf(text, format)).toEqual(
            rows.map((row, index) => ({ ...row, line: first + index })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('bring only typed errors, whatever the bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc
        .array(
          fc.constantFrom(
            '1',
            '0',
            '5',
            '.',
            ',',
            ':',
            '::',
            '\t',
            '\n',
            '\r',
            '-',
            ' ',
            'é',
            '\0',
            '99999999999',
          ),
          { maxLength: 60 },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (random, withHeader) => {
        const text = withHeader ? Buffer.concat([Buffer.from(head(format)), random]) : random;
        try {
          for (const { user, movie, value, time } of await ratingsOf(text, format)) {
            expect(
              user >= 1 &&
                user <= 2_147_483_647 &&
                anyMovie.has(movie) &&
                value >= 0.5 &&
                value <= 5 &&
                time >= 0,
            ).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedLineError);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['1|1|4', 'expected 4 fields, found 3.'],
    ['1|1|4|5|6', 'expected 4 fields, found 5.'],
    ['x|1|4|5', 'the user id must be a whole number from 1 to 2147483647, not "x".'],
    ['2147483648|1|4|5', 'the user id must be a whole number from 1 to 2147483647, not "2147483648".'],
    ['0|1|4|5', 'the user id must be a whole number from 1 to 2147483647, not "0".'],
    ['-1|1|4|5', 'the user id must be a whole number from 1 to 2147483647, not "-1".'],
    ['1|1.5|4|5', 'the movie id must be a whole number from 1 to 2147483647, not "1.5".'],
    ['1|20000|4|5', 'there is no movie 20000 in this release.'],
    ['1|1|0|5', 'a rating must be 0.5 to 5 stars in half steps, not "0".'],
    ['1|1|5.5|5', 'a rating must be 0.5 to 5 stars in half steps, not "5.5".'],
    ['1|1|3.7|5', 'a rating must be 0.5 to 5 stars in half steps, not "3.7".'],
    ['1|1|NaN|5', 'a rating must be 0.5 to 5 stars in half steps, not "NaN".'],
    ['1|1||5', 'a rating must be 0.5 to 5 stars in half steps, not "".'],
    ['1|1|4|', 'the timestamp must be seconds between 1970 and 2100, not "".'],
    ['1|1|4|-5', 'the timestamp must be seconds between 1970 and 2100, not "-5".'],
    ['1|1|4|1112486027000', 'the timestamp must be seconds between 1970 and 2100, not "1112486027000".'],
    ['1|1|4|5 ', 'the timestamp must be seconds between 1970 and 2100, not "5 ".'],
    ['', 'the line is empty.'],
  ])('refuse %j', async (line, reason) => {
    const good = `7${format.separator}7${format.separator}4${format.separator}9\n`;
    const text = `${head(format)}${good}${line.replaceAll('|', format.separator)}\n${good}`;
    await expect(ratingsOf(text, format)).rejects.toThrow(
      new MalformedLineError(format.file, format.header ? 3 : 2, reason),
    );
  });

  it('let blank lines pass at the end only', async () => {
    const good = `7${format.separator}7${format.separator}4${format.separator}9\n`;
    expect(await ratingsOf(`${head(format)}${good}\n\r\n\n`, format)).toHaveLength(1);
  });
});

it('refuses another header, or none', async () => {
  const message = (found: string) =>
    `ratings.csv, line 1: expected the header userId,movieId,rating,timestamp, found "${found}".`;
  await expect(ratingsOf('userId,movieId,timestamp,rating\n1,1,4,5\n', FORMATS[0])).rejects.toThrow(
    message('userId,movieId,timestamp,rating'),
  );
  await expect(ratingsOf('', FORMATS[0])).rejects.toThrow(message(''));
  expect(await ratingsOf('\u{feff}userId,movieId,rating,timestamp\n1,1,4,5\n', FORMATS[0])).toHaveLength(1);
});

it('refuses a line without end', async () => {
  await expect(ratingsOf(`1::1::4::5\n${'1'.repeat(70_000)}`, FORMATS[1])).rejects.toThrow(
    'ratings.dat, line 2: the line has more than 65536 bytes.',
  );
});

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((value) => value.trim() !== '' && !value.includes('\0'));
const csvField = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const tag = fc.record({
  userId: fc.nat(1e6).map((id) => id + 1),
  movieId: fc.integer({ min: 1, max: 9_999 }),
  tag: text,
  time: fc.nat(4e9),
});

async function rowsOf(rows: AsyncIterable<TaggingRow>): Promise<Omit<TaggingRow, 'bytesRead'>[]> {
  const all: Omit<TaggingRow, 'bytesRead'>[] = [];
  for await (const { bytesRead, ...row } of rows) all.push(row);
  return all;
}

describe('small files', () => {
  it('csv tags come back, whatever their commas, quotes and line ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tag, { maxLength: 20 }), async (tags) => {
        const lines = tags.map((row) => `${row.userId},${row.movieId},${csvField(row.tag)},${row.time}\n`);
        const files = memory({ 'tags.csv': `userId,movieId,tag,timestamp\n${lines.join('')}` });
        let line = 2;
        const expected = tags.map((row, index) => {
          const at = line;
          line += lines[index].split('\n').length - 1;
          return { ...row, line: at };
        });
        expect(await rowsOf(readCsvTaggings(files, anyMovie))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('tags.dat comes back, `::` in a tag included', async () => {
    const plain = tag
      .map((row) => ({ ...row, tag: row.tag.replace(/[\r\n]/g, ' ') }))
      .filter((row) => !/^:|:$/.test(row.tag));
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { maxLength: 20 }), async (tags) => {
        const lines = tags.map((row) => `${row.userId}::${row.movieId}::${row.tag}::${row.time}\n`);
        const expected = tags.map((row, index) => ({ ...row, line: index + 1 }));
        expect(await rowsOf(readDatTaggings(memory({ 'tags.dat': lines.join('') }), anyMovie))).toEqual(
          expected,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('bring only typed errors, whatever the bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array)),
      fc
        .array(
          fc.constantFrom('1', '"', ',', '::', '|', '\n', '\r', 'a', '\0', '(1999)', '0.5', '\u{fffd}'),
          { maxLength: 50 },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    );
    const drain = async (batches: AsyncIterable<unknown>) => {
      for await (const batch of batches) expect(batch).toBeDefined();
    };
    const readers: [string, string, (files: ReleaseFiles) => Promise<unknown>][] = [
      ['movies.csv', 'movieId,title,genres\n', readCsvMovies],
      ['tags.csv', 'userId,movieId,tag,timestamp\n', (files) => drain(readCsvTaggings(files, anyMovie))],
      ['genome-tags.csv', 'tagId,tag\n', readGenomeTags],
      [
        'genome-scores.csv',
        'movieId,tagId,relevance\n',
        (files) => drain(readGenomeScores(files, anyMovie, anyMovie)),
      ],
      ['movies.dat', '', (files) => readDatMovies(files, 'utf8')],
      ['users.dat', '', (files) => readDatUsers(files)],
      ['tags.dat', '', (files) => drain(readDatTaggings(files, anyMovie))],
      ['u.item', '', readHundredKMovies],
      ['u.user', '', readHundredKUsers],
    ];
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...readers), async (random, [name, header, read]) => {
        try {
          await read(memory({ [name]: Buffer.concat([Buffer.from(header), random]) }));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedLineError);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it.each<[string, Files, (files: ReleaseFiles) => Promise<unknown>, string]>([
    [
      'a movie twice',
      { 'movies.csv': 'movieId,title,genres\n1,A,B\n1,C,D\n' },
      readCsvMovies,
      'movies.csv, line 3: duplicate movie 1.',
    ],
    [
      'an empty title',
      { 'movies.csv': 'movieId,title,genres\n1," ",B\n' },
      readCsvMovies,
      'movies.csv, line 2: the title is empty.',
    ],
    [
      'a field too many',
      { 'movies.csv': 'movieId,title,genres\n1,A, The,B\n' },
      readCsvMovies,
      'movies.csv, line 2: expected 3 fields, found 4.',
    ],
    [
      'a quote left open',
      { 'movies.csv': 'movieId,title,genres\n1,A,B\n2,"A,B\n3,C,D\n' },
      readCsvMovies,
      'movies.csv, line 3: unterminated quoted field.',
    ],
    [
      'a quote out of place',
      { 'movies.csv': 'movieId,title,genres\n1,A,B\n2,A "x" B,C\n' },
      readCsvMovies,
      'movies.csv, line 3: unexpected quote.',
    ],
    [
      'bytes that are no UTF-8',
      { 'movies.csv': Buffer.from('movieId,title,genres\n1,A,B\n2,Mis\xe9rables,C\n', 'latin1') },
      readCsvMovies,
      'movies.csv, line 3: the line is not valid UTF-8.',
    ],
    [
      'NUL',
      { 'movies.csv': 'movieId,title,genres\n1,A\0B,C\n' },
      readCsvMovies,
      'movies.csv, line 2: the title contains a NUL character.',
    ],
    [
      'a link to nowhere',
      { 'movies.csv': 'movieId,title,genres\n1,A,B\n', 'links.csv': 'movieId,imdbId,tmdbId\n2,1,1\n' },
      readCsvMovies,
      'links.csv, line 2: there is no movie 2 in this release.',
    ],
    [
      'an unknown gender',
      { 'users.dat': '1::X::1::10::1\n' },
      (files) => readDatUsers(files),
      'users.dat, line 1: the gender must be F or M.',
    ],
    [
      'an unknown occupation',
      { 'users.dat': '1::F::1::21::1\n' },
      (files) => readDatUsers(files),
      'users.dat, line 1: the occupation must be 0 to 20, not 21.',
    ],
    [
      'a genre flag',
      { 'u.item': `1|A||||${'0|'.repeat(18)}2\n` },
      readHundredKMovies,
      'u.item, line 1: a genre flag must be 0 or 1.',
    ],
    [
      'a long tag',
      { 'tags.csv': `userId,movieId,tag,timestamp\n1,1,${'x'.repeat(1_601)},1\n` },
      (files) => rowsOf(readCsvTaggings(files, anyMovie)),
      'tags.csv, line 2: the tag has more than 1600 bytes.',
    ],
  ])('refuse %s', async (_name, files, read, message) => {
    await expect(read(memory(files))).rejects.toThrow(message);
  });

  it('give 1M its occupations and 100K its genres', async () => {
    expect(
      await readDatUsers(memory({ 'users.dat': '1::F::1::10::48067\n2::M::56::0::70072-12\n' })),
    ).toEqual([
      { id: 1, gender: 'F', age: 1, occupation: 'K-12 student', zipCode: '48067' },
      { id: 2, gender: 'M', age: 56, occupation: 'other', zipCode: '70072-12' },
    ]);
    const flags = (on: number[]) =>
      Array.from({ length: 19 }, (_, index) => Number(on.includes(index))).join('|');
    const item = `267|unknown||||${flags([0])}\n1|Toy Story (1995)|01-Jan-1995||x|${flags([3, 4, 5])}\n2|W (1990)||||${flags([1, 18])}\n`;
    expect(await readHundredKMovies(memory({ 'u.item': item }))).toMatchObject([
      { id: 267, title: 'unknown', year: null, genres: [] },
      { id: 1, year: 1995, genres: ['Animation', "Children's", 'Comedy'] },
      { id: 2, genres: ['Action', 'Western'] },
    ]);
  });
});

describe('ReleaseFiles.sourceHash', () => {
  it('is of the files, in whichever order they are named and whether they were read before', async () => {
    const files = { 'a.csv': 'one', 'b.csv': 'two' };
    const first = memory(files);
    for await (const block of first.blocks('b.csv')) expect(block.toString()).toBe('two');
    const hash = await first.sourceHash(['b.csv', 'a.csv']);
    expect(hash).toBe(await memory(files, 1).sourceHash(['a.csv', 'b.csv']));
    expect(hash).not.toBe(await memory({ 'a.csv': 'two', 'b.csv': 'one' }).sourceHash(['a.csv', 'b.csv']));
  });
});
