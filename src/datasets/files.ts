/** The files of a release, in a folder or an archive, read as blocks of bytes whose SHA-256 is
 *  taken on the way. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { quoted, ReleaseError, UnreadableReleaseError } from './errors';
import { type FileSource, isRatingFile, RATING_FILES } from './file-source';
import { openArchive } from './zip';

/** Large enough that the work per block does not count, small enough to stay in the cache. */
const BLOCK_BYTES = 1 << 20;

/** @param path a folder or a .zip; the release may lie in the only folder inside of it
 *  @throws UnreadableReleaseError when there is no release at the path */
export async function openFiles(path: string): Promise<ReleaseFiles> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UnreadableReleaseError(`There is nothing at ${quoted(path, 200)}.`);
  return new ReleaseFiles(found.isDirectory() ? await openFolder(path) : await openArchive(path));
}

async function openFolder(path: string, depth = 0): Promise<FileSource> {
  const entries = await readdir(path, { withFileTypes: true });
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const status = await stat(join(path, entry.name)).catch(() => undefined);
    if (status?.isFile()) sizes.set(entry.name, status.size);
  }
  if (![...sizes.keys()].some(isRatingFile)) {
    const folders = entries.filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== '__MACOSX',
    );
    if (folders.length === 1 && depth === 0) return openFolder(join(path, folders[0].name), 1);
    throw new UnreadableReleaseError(
      `${quoted(path, 200)} is no MovieLens release: it holds none of ${RATING_FILES.join(', ')}.`,
    );
  }
  return {
    label: basename(path),
    sizes,
    open: async (name) => createReadStream(join(path, name), { highWaterMark: BLOCK_BYTES }),
    close: async () => undefined,
  };
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

  /** Bytes; 0 for a file that is not there. */
  size(name: string): number {
    return this.source.sizes.get(name) ?? 0;
  }

  /** Blocks of about 1 MB in the file's order. A file read to its end has its digest taken.
   *  @throws UnreadableReleaseError when the file cannot be read, or is not what it was when it was
   *    read before */
  async *blocks(name: string): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    let pending: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of (await this.source.open(name)) as AsyncIterable<Buffer>) {
        pending.push(chunk);
        bytes += chunk.length;
        if (bytes < BLOCK_BYTES) continue;
        const block = pending.length === 1 ? chunk : Buffer.concat(pending, bytes);
        pending = [];
        bytes = 0;
        hash.update(block);
        yield block;
      }
    } catch (error) {
      if (error instanceof ReleaseError) throw error;
      throw new UnreadableReleaseError(
        `${name} in ${quoted(this.label, 200)} cannot be read: ${(error as Error).message}.`,
        {
          cause: error,
        },
      );
    }
    if (bytes > 0) {
      const block = Buffer.concat(pending, bytes);
      hash.update(block);
      yield block;
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
