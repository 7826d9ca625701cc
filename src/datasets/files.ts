/** The files of a release, in a folder or a .zip, plain or gzipped, read as blocks of bytes whose
 *  SHA-256 is taken on the way. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { quoted, ReleaseError, UnreadableReleaseError } from './errors';

/** Where the bytes are. */
interface FileSource {
  /** For people: the folder's or archive's own name. */
  readonly label: string;
  /** By name, without a folder and without `.gz`. */
  readonly sizes: ReadonlyMap<string, number>;
  open(name: string): Promise<Readable>;
  close(): Promise<void>;
}

/** Large enough that the work per block does not count, small enough to stay in the cache. */
const BLOCK_BYTES = 1 << 20;
/** Part of a release under a name that says which: `ratings-first-2998-users.dat.gz`. */
const PARTIAL_RATINGS = /^ratings.*(\.csv|\.dat)$/;
/** `latest` has 8 files; the largest, ratings.csv of 32M, is 0.9 GB and shrinks to a quarter. */
const MOST_ENTRIES = 1_000;
const MOST_BYTES = 16 * 2 ** 30;
/** Numbers as text do not shrink to a hundredth; what claims to is made to fill a disk or a
 *  memory. */
const MOST_RATIO = 100;
/** Small files of one letter shrink to a thousandth, and do no harm. */
const RATIO_ALLOWANCE = 1 << 20;

/** @param path        a folder or a .zip; the release may be in its only subfolder
 *  @param ratingFiles one of which every release has; the other files are in the same folder
 *  @throws UnreadableReleaseError when there is no release at the path */
export async function openFiles(path: string, ratingFiles: readonly string[]): Promise<ReleaseFiles> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new UnreadableReleaseError(`There is no folder or .zip at ${quoted(path, 200)}.`);
  const source = found.isDirectory()
    ? await openFolder(path, ratingFiles)
    : await openArchive(path, ratingFiles);
  return new ReleaseFiles(source);
}

async function openFolder(path: string, ratingFiles: readonly string[], depth = 0): Promise<FileSource> {
  const sizes = new Map<string, number>();
  const paths = new Map<string, string>();
  const folders: string[] = [];
  for (const entry of (await readdir(path)).sort()) {
    const status = await stat(join(path, entry)).catch(() => undefined);
    const name = entry.replace(/\.gz$/, '');
    if (status?.isDirectory() && !entry.startsWith('.') && entry !== '__MACOSX') folders.push(entry);
    // The uncompressed file sorts first and is used when both exist.
    if (!status?.isFile() || paths.has(name)) continue;
    paths.set(name, join(path, entry));
    sizes.set(name, status.size);
  }
  if (!ratingFiles.some((name) => paths.has(name))) {
    const partial = [...paths.keys()].filter((name) => PARTIAL_RATINGS.test(name));
    if (partial.length === 1) {
      const name = partial[0].replace(PARTIAL_RATINGS, 'ratings$1');
      paths.set(name, paths.get(partial[0])!);
      sizes.set(name, sizes.get(partial[0])!);
    } else if (folders.length === 1 && depth === 0) {
      return openFolder(join(path, folders[0]), ratingFiles, 1);
    } else {
      throw new UnreadableReleaseError(
        `${quoted(path, 200)} is not a MovieLens release: it contains none of ${ratingFiles.join(', ')} (or one of these with .gz appended).`,
      );
    }
  }
  return {
    label: basename(path),
    sizes,
    open: async (name) => openFile(paths.get(name)!),
    close: async () => undefined,
  };
}

function openFile(path: string): Readable {
  const bytes = createReadStream(path, { highWaterMark: BLOCK_BYTES });
  // A failure of either comes out of the stream that is read.
  return path.endsWith('.gz')
    ? pipeline(bytes, createGunzip({ chunkSize: BLOCK_BYTES }), () => undefined)
    : bytes;
}

/** Read without unpacking it to disk: sizes are checked first, CRC-32 as the bytes go by.
 *  @throws UnreadableReleaseError when the file is no archive, holds no release, or makes unlikely
 *    claims */
async function openArchive(path: string, ratingFiles: readonly string[]): Promise<FileSource> {
  const label = basename(path);
  const refuse = (reason: string, cause?: unknown) =>
    new UnreadableReleaseError(`${quoted(label, 200)} ${reason}`, { cause });
  const unreadable = (error: Error) => {
    throw refuse(`cannot be read as a zip archive: ${error.message}.`, error);
  };
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch(unreadable);
  try {
    if (zip.entryCount > MOST_ENTRIES)
      throw refuse(`contains ${zip.entryCount} files, too many for a release.`);
    const entries = releaseEntries(await listEntries(zip).catch(unreadable), ratingFiles);
    if (entries.size === 0)
      throw refuse(`is not a MovieLens release: it contains none of ${ratingFiles.join(', ')}.`);
    let total = 0;
    for (const [name, { uncompressedSize, compressedSize }] of entries) {
      total += uncompressedSize;
      if (total > MOST_BYTES || uncompressedSize > MOST_RATIO * compressedSize + RATIO_ALLOWANCE)
        throw refuse(`was not read: ${name} would unpack to ${uncompressedSize} bytes.`);
    }
    return {
      label,
      sizes: new Map([...entries].map(([name, entry]) => [name, entry.uncompressedSize])),
      open: async (name) => {
        const entry = entries.get(name)!;
        return checked(await zip.openReadStreamPromise(entry), entry, name);
      },
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

/** The files in the folder of the least nested ratings file, by base name. */
function releaseEntries(entries: readonly Entry[], ratingFiles: readonly string[]): Map<string, Entry> {
  const depth = (entry: Entry) => entry.fileName.split('/').length;
  const [ratings] = entries
    .filter(
      ({ fileName }) => ratingFiles.includes(posix.basename(fileName)) && !fileName.startsWith('__MACOSX/'),
    )
    .sort((a, b) => depth(a) - depth(b));
  const beside = entries.filter(
    ({ fileName }) =>
      ratings && posix.dirname(fileName) === posix.dirname(ratings.fileName) && !fileName.endsWith('/'),
  );
  return new Map(beside.map((entry) => [posix.basename(entry.fileName), entry]));
}

/** yauzl checks the length but not the CRC-32, and a flipped bit leaves the length as it is. */
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
          : new UnreadableReleaseError(`${name} in the archive is corrupt: its CRC-32 does not match.`),
      );
    },
  });
  return pipeline(stream, check, () => undefined);
}

export class ReleaseFiles {
  private readonly digests = new Map<string, string>();

  constructor(private readonly source: FileSource) {}

  get label(): string {
    return this.source.label;
  }

  has(name: string): boolean {
    return this.source.sizes.has(name);
  }

  /** Bytes, of a gzipped file the compressed ones; 0 for a file that is not there. */
  size(name: string): number {
    return this.source.sizes.get(name) ?? 0;
  }

  /** Blocks of about 1 MB in the file's order. A file read to its end has its digest taken.
   *  @throws UnreadableReleaseError when the file cannot be read, or is not what it was when it was
   *    read before */
  async *blocks(name: string): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    const emit = (chunks: Buffer[]) => {
      const block = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      hash.update(block);
      return block;
    };
    let pending: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of (await this.source.open(name)) as AsyncIterable<Buffer>) {
        pending.push(chunk);
        bytes += chunk.length;
        if (bytes < BLOCK_BYTES) continue;
        yield emit(pending);
        pending = [];
        bytes = 0;
      }
      if (bytes > 0) yield emit(pending);
    } catch (error) {
      if (error instanceof ReleaseError) throw error;
      const message = `${name} in ${quoted(this.label, 200)} cannot be read: ${(error as Error).message}.`;
      throw new UnreadableReleaseError(message, { cause: error });
    }
    this.note(name, hash);
  }

  private note(name: string, hash: Hash): void {
    const digest = hash.digest('hex');
    const before = this.digests.get(name);
    if (before !== undefined && before !== digest)
      throw new UnreadableReleaseError(`${name} changed while it was being read.`);
    this.digests.set(name, digest);
  }

  /** One SHA-256 over the files' own: `<sha256>  <name>` a line, in order of name. A folder and an
   *  archive of it have the same. Reads what has not been read yet.
   *  @param onBytes bytes read so far by this call */
  async sourceHash(
    names: readonly string[],
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal | undefined } = {},
  ) {
    let done = 0;
    for (const name of names) {
      if (this.digests.has(name)) continue;
      for await (const block of this.blocks(name)) {
        options.signal?.throwIfAborted();
        done += block.length;
        options.onBytes?.(done);
      }
    }
    const lines = [...names].sort().map((name) => `${this.digests.get(name)}  ${name}\n`);
    return createHash('sha256').update(lines.join('')).digest('hex');
  }

  close(): Promise<void> {
    return this.source.close();
  }
}
