/** An archive from the publisher: resumed where it broke off, checked by MD5, under its name only
 *  once it is whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Archive, PUBLISHER_URL } from './datasets';
import { DownloadError, UnreadableReleaseError } from './errors';
import { requestRest } from './request';

export interface DownloadOptions {
  /** Where archives are kept; made when missing. */
  readonly folder: string;
  /** Ends in a slash. */
  readonly baseUrl: string;
  /** Tries in a row that bring nothing, before giving up. */
  readonly attempts: number;
  /** Before the second try; doubled for each further one. */
  readonly backOffMs: number;
  /** A connection that is silent this long is given up. */
  readonly stallTimeoutMs: number;
  readonly onProgress: (bytes: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

const DEFAULTS = {
  baseUrl: PUBLISHER_URL,
  attempts: 6,
  backOffMs: 500,
  stallTimeoutMs: 30_000,
  onProgress: () => undefined,
};

/** What the half of a file belongs to: it is continued only while the publisher's file is still the
 *  same. */
export interface PartState {
  readonly url: string;
  /** A strong ETag, or the date of the last change: what If-Range takes. */
  readonly validator: string;
}

/** @returns the path of the archive
 *  @throws DownloadError when it cannot be had, or is not what the publisher's MD5 says; the
 *    signal's reason */
export async function download(
  archive: Archive,
  given: Pick<DownloadOptions, 'folder'> & Partial<DownloadOptions>,
): Promise<string> {
  const options: DownloadOptions = { ...DEFAULTS, ...given };
  const url = new URL(archive.fileName, options.baseUrl).href;
  const path = join(options.folder, archive.fileName);
  await mkdir(options.folder, { recursive: true });
  const md5 = archive.md5 ?? (await publishedMd5(url, options));
  if (await isThere(path)) {
    // Without a sum there is nothing to compare with: the archive's own CRC-32 is checked when it
    // is read.
    if (md5 === undefined || (await fileMd5(path, options.signal)) === md5) return path;
    await rm(path);
  }
  await retried(
    options,
    () => fetchOnce(url, path, md5, options),
    () => partSize(path),
  );
  return path;
}

async function fetchOnce(
  url: string,
  path: string,
  md5: string | undefined,
  options: DownloadOptions,
): Promise<void> {
  const part = `${path}.part`;
  const state = await readState(part);
  const have = state?.url === url ? await partSize(path) : 0;
  const response = await requestRest(url, have, state?.validator, options);
  if (response.start === 0) await rm(part, { force: true });
  if (response.validator)
    await writeFile(
      `${part}.json`,
      JSON.stringify({ url, validator: response.validator } satisfies PartState),
    );
  else await rm(`${part}.json`, { force: true });
  const file = await open(part, response.start === 0 ? 'w' : 'r+');
  try {
    let position = response.start;
    for await (const chunk of response.chunks) {
      await file.write(chunk, 0, chunk.length, position);
      position += chunk.length;
      options.onProgress(position, response.total);
    }
    if (response.total !== undefined && position !== response.total) {
      throw new DownloadError(url, `the connection ended after ${position} of ${response.total} bytes.`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (md5 !== undefined && (await fileMd5(part, options.signal)) !== md5) {
    await rm(part, { force: true });
    throw new DownloadError(url, `the file's MD5 is not the publisher's ${md5}.`);
  }
  await rename(part, path);
  await rm(`${part}.json`, { force: true });
  await syncFolder(dirname(path));
}

/** Tries again after a failure that may pass. A try that brought bytes is no vain one: only vain
 *  ones in a row are counted. */
async function retried(
  options: DownloadOptions,
  work: () => Promise<void>,
  size: () => Promise<number>,
): Promise<void> {
  let best = await size();
  for (let vain = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof DownloadError) || !error.retryable) throw error;
      const now = await size();
      vain = now > best ? 1 : vain + 1;
      best = Math.max(best, now);
      if (vain >= options.attempts) throw error;
      await sleep(options.backOffMs * 2 ** (vain - 1) * (0.75 + Math.random() / 2), undefined, {
        signal: options.signal,
      });
    }
  }
}

/** The publisher puts `<name>.zip.md5` beside an archive. @returns undefined where there is none */
async function publishedMd5(url: string, options: DownloadOptions): Promise<string | undefined> {
  let text = '';
  await retried(
    options,
    async () => {
      text = '';
      const { chunks } = await requestRest(`${url}.md5`, 0, undefined, options);
      for await (const chunk of chunks) {
        text += chunk.toString('latin1');
        if (text.length > 1_000) throw new DownloadError(`${url}.md5`, 'this is no MD5 sum.', false);
      }
    },
    async () => 0,
  ).catch((error: unknown) => {
    if (!(error instanceof DownloadError) || error.retryable) throw error;
  });
  return /\b[0-9a-f]{32}\b/i.exec(text)?.[0].toLowerCase();
}

async function isThere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) throw new UnreadableReleaseError(`${path} is in the way: it is no file.`);
  return found !== undefined;
}

async function partSize(path: string): Promise<number> {
  return (await stat(`${path}.part`).catch(() => undefined))?.size ?? 0;
}

async function readState(part: string): Promise<PartState | undefined> {
  try {
    const { url, validator } = JSON.parse(await readFile(`${part}.json`, 'utf8')) as Partial<PartState>;
    return typeof url === 'string' && typeof validator === 'string' ? { url, validator } : undefined;
  } catch {
    return undefined; // None, or half a one: start afresh.
  }
}

async function fileMd5(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The name is on disk only once its folder is. Windows cannot open a folder, and does without. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
