/** Writes an export to a file atomically; a pipe or a device is written to directly. */

import { mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors';

export class UnwritableFileError extends AppError {
  readonly code = 'FILE_UNWRITABLE';
}

const OF_THE_FILE = new Set([
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EPIPE',
  'EROFS',
]);

/** Missing folders are created; for a symbolic link its target is replaced.
 *  @param fill writes to the path that it is given
 *  @returns whether it is a regular file; output to anything else is already sent
 *  @throws UnwritableFileError, and whatever else `fill` throws */
export async function writeWhole(file: string, fill: (path: string) => Promise<void>): Promise<boolean> {
  try {
    const known = await stat(file).catch(() => null);
    if (known?.isDirectory()) throw new UnwritableFileError(`${file} is a folder.`);
    if (known !== null && !known.isFile()) {
      await fill(file);
      return false;
    }
    await replace(known === null ? file : await realpath(file), fill);
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !OF_THE_FILE.has(code)) throw error;
    throw new UnwritableFileError(`${file} cannot be written: ${message}`, { cause: error });
  }
}

async function replace(file: string, fill: (path: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.${basename(file)}.unfinished`);
  try {
    await fill(unfinished);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
