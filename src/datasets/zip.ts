/** A release in a .zip, read without unpacking it to disk: sizes are checked first, CRC-32 as the
 *  bytes go by. */
import { basename, posix } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { quoted, UnreadableReleaseError } from './errors';
import { type FileSource, isRatingFile, RATING_FILES } from './file-source';

/** `latest` has 8 files; the largest, ratings.csv of 32M, is 0.9 GB and shrinks to a quarter. */
const MOST_ENTRIES = 1_000;
const MOST_BYTES = 16 * 2 ** 30;
/** Text of figures does not shrink to a hundredth; what claims to is made to fill a disk or a
 *  memory. */
const MOST_RATIO = 100;

/** @throws UnreadableReleaseError when the file is no archive, holds no release, or makes unlikely
 *    claims */
export async function openArchive(path: string): Promise<FileSource> {
  const label = basename(path);
  const refuse = (reason: string, cause?: unknown) =>
    new UnreadableReleaseError(`${quoted(label, 200)} ${reason}`, { cause });
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true });
  } catch (error) {
    throw refuse(`cannot be read as a zip archive: ${(error as Error).message}.`, error);
  }
  try {
    if (zip.entryCount > MOST_ENTRIES) throw refuse(`holds ${zip.entryCount} files; a release has a few.`);
    const entries = releaseEntries(await listEntries(zip, refuse));
    if (entries.size === 0)
      throw refuse(`is no MovieLens release: it holds none of ${RATING_FILES.join(', ')}.`);
    let total = 0;
    for (const [name, entry] of entries) {
      total += entry.uncompressedSize;
      if (
        total > MOST_BYTES ||
        entry.uncompressedSize > MOST_RATIO * entry.compressedSize + BLOCK_ALLOWANCE
      ) {
        throw refuse(`is not read: ${name} would unpack to ${entry.uncompressedSize} bytes.`);
      }
    }
    return {
      label,
      sizes: new Map([...entries].map(([name, entry]) => [name, entry.uncompressedSize])),
      open: async (name) =>
        checked(
          await zip.openReadStreamPromise(entries.get(name) as Entry),
          entries.get(name) as Entry,
          name,
        ),
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Small files of one letter shrink to a thousandth, and do no harm. */
const BLOCK_ALLOWANCE = 1 << 20;

async function listEntries(
  zip: ZipFile,
  refuse: (reason: string, cause: unknown) => Error,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw refuse(`cannot be read as a zip archive: ${(error as Error).message}.`, error);
  }
  return entries;
}

/** The files beside the ratings that lie least deep, by their own names. */
function releaseEntries(entries: readonly Entry[]): Map<string, Entry> {
  const depth = (entry: Entry) => entry.fileName.split('/').length;
  const ratings = entries
    .filter(
      (entry) => isRatingFile(posix.basename(entry.fileName)) && !entry.fileName.startsWith('__MACOSX/'),
    )
    .sort((a, b) => depth(a) - depth(b))[0];
  if (ratings === undefined) return new Map();
  const folder = posix.dirname(ratings.fileName);
  const beside = entries.filter(
    (entry) => posix.dirname(entry.fileName) === folder && !entry.fileName.endsWith('/'),
  );
  return new Map(beside.map((entry) => [posix.basename(entry.fileName), entry]));
}

/** yauzl checks the length but not the CRC, and half a download's flipped bit leaves the length as
 *  it is. */
function checked(stream: Readable, entry: Entry, name: string): Readable {
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      done(
        sum === entry.crc32
          ? null
          : new UnreadableReleaseError(`${name} in the archive is corrupt: its CRC-32 is not the one noted.`),
      );
    },
  });
  return pipeline(stream, check, () => undefined);
}
