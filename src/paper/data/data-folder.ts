/** A folder of MovieLens files, gzipped or not: `ratings.csv.gz` is read as `ratings.csv`. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { quoted, UnreadableReleaseError } from '../../datasets/errors';
import { RATING_FILES } from '../../datasets/file-source';
import { ReleaseFiles } from '../../datasets/files';

export const INTERACTIONS_FILE = 'interactions.csv';
export const CANDIDATES_FILE = 'loo-candidates.csv';
const BLOCK_BYTES = 1 << 20;
/** Part of a release under a name that says which: `ratings-first-2998-users.dat.gz`. */
const PARTIAL_RATINGS = /^ratings.*\.(csv|dat)$/;

/** @returns the folder's files by their names without `.gz`
 *  @throws UnreadableReleaseError when there is no such folder, or nothing in it that tells who
 *    watched what */
export async function openDataFolder(path: string): Promise<ReleaseFiles> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new UnreadableReleaseError(`There is no folder at ${quoted(path, 200)}.`);
  }
  const sizes = new Map<string, number>();
  const onDisk = new Map<string, string>();
  for (const entry of (await readdir(path)).sort()) {
    const status = await stat(join(path, entry)).catch(() => undefined);
    const name = entry.replace(/\.gz$/, '');
    // The plain file comes first in the order, and is taken when both are there.
    if (!status?.isFile() || onDisk.has(name)) continue;
    onDisk.set(name, entry);
    sizes.set(name, status.size);
  }
  if (![INTERACTIONS_FILE, ...RATING_FILES].some((name) => onDisk.has(name))) {
    const partial = [...onDisk.keys()].filter((name) => PARTIAL_RATINGS.test(name));
    if (partial.length !== 1) {
      const wanted = [INTERACTIONS_FILE, ...RATING_FILES].join(', ');
      throw new UnreadableReleaseError(
        `${quoted(path, 200)} holds none of ${wanted} (or one of these with .gz behind).`,
      );
    }
    const name = `ratings.${partial[0].endsWith('.csv') ? 'csv' : 'dat'}`;
    onDisk.set(name, onDisk.get(partial[0])!);
    sizes.set(name, sizes.get(partial[0])!);
  }
  return new ReleaseFiles({
    label: basename(path),
    sizes,
    open: async (name) => openFile(join(path, onDisk.get(name) ?? name)),
    close: async () => undefined,
  });
}

function openFile(path: string): Readable {
  const bytes = createReadStream(path, { highWaterMark: BLOCK_BYTES });
  // A failure of either comes out of the stream that is read.
  return path.endsWith('.gz')
    ? pipeline(bytes, createGunzip({ chunkSize: BLOCK_BYTES }), () => undefined)
    : bytes;
}
