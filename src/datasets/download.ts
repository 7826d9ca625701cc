/** Downloads an archive from the publisher: resumed where it broke off, checked by MD5, under its
 *  name only once it is complete. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors';
import { type Archive, PUBLISHER_URL } from './datasets';
import { DownloadError, UnreadableReleaseError } from './errors';

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

/** What a partial file belongs to: it is continued only while the publisher's file is the same. */
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
    throw new DownloadError(url, `the file's MD5 does not match the publisher's ${md5}.`);
  }
  await rename(part, path);
  await rm(`${part}.json`, { force: true });
  await syncFolder(dirname(path));
}

/** Tries again after a failure that may pass, until `attempts` in a row have brought no bytes. */
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

/** The publisher's `<name>.zip.md5` of an archive. @returns undefined where there is none */
async function publishedMd5(url: string, options: DownloadOptions): Promise<string | undefined> {
  let text = '';
  await retried(
    options,
    async () => {
      text = '';
      const { chunks } = await requestRest(`${url}.md5`, 0, undefined, options);
      for await (const chunk of chunks) {
        text += chunk.toString('latin1');
        if (text.length > 1_000)
          throw new DownloadError(`${url}.md5`, 'the content is not an MD5 checksum.', false);
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
  if (found && !found.isFile()) throw new UnreadableReleaseError(`${path} exists and is not a file.`);
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

type RequestOptions = Pick<DownloadOptions, 'stallTimeoutMs' | 'signal'>;

interface FileResponse {
  /** Where the bytes begin: what was asked for, or 0 where the whole file comes. */
  readonly start: number;
  /** Bytes of the whole file, where the server says. */
  readonly total: number | undefined;
  /** Undefined where the file cannot be resumed. */
  readonly validator: string | undefined;
  /** @throws DownloadError when the connection breaks or stalls */
  readonly chunks: AsyncGenerator<Buffer>;
}

/** Answers that may be others in a minute: timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);

/** One request for a file, or for the rest of one (RFC 9110, section 14).
 *  @param have      number of bytes present already
 *  @param validator of the file they are of; without it the whole file is asked for
 *  @throws DownloadError */
async function requestRest(
  url: string,
  have: number,
  validator: string | undefined,
  options: RequestOptions,
): Promise<FileResponse> {
  const stall = new StallTimer(options.stallTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, stall.signal]) : stall.signal;
  const resume = have > 0 && validator !== undefined;
  // Compressed on the way, positions would be others.
  const headers = {
    'accept-encoding': 'identity',
    ...(resume && { range: `bytes=${have}-`, 'if-range': validator }),
  };
  let response: Response;
  try {
    stall.restart();
    response = await fetch(url, { headers, signal });
  } catch (error) {
    stall.stop();
    throw failure(url, error, options);
  }
  const give = (refusal?: DownloadError): DownloadError | undefined => {
    if (!refusal) return undefined;
    stall.stop();
    response.body?.cancel().catch(() => undefined);
    return refusal;
  };
  const range = parseContentRange(response.headers.get('content-range'));
  // The part is as long as the file, or longer: a sign that it is not the file's.
  if (response.status === 416 && resume) {
    give(new DownloadError(url, 'the file is shorter than the partial download.'));
    return requestRest(url, 0, undefined, options);
  }
  if (!response.ok) {
    const passing = response.status >= 500 || PASSING.has(response.status);
    throw give(
      new DownloadError(
        url,
        `the server responded with ${response.status} ${response.statusText}`.trimEnd().concat('.'),
        passing,
      ),
    );
  }
  const partial = response.status === 206;
  if (partial && (!resume || range?.start !== have))
    throw give(new DownloadError(url, 'the server sent a different byte range than requested.'));
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  return {
    start: partial ? have : 0,
    total: partial ? range?.total : Number.isNaN(length) ? undefined : length,
    validator: strongValidator(response.headers),
    chunks: readBody(url, response, stall, options),
  };
}

async function* readBody(
  url: string,
  response: Response,
  stall: StallTimer,
  options: RequestOptions,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response.body ?? []) {
      stall.stop(); // The reader may take its time; only the server's silence counts.
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      stall.restart();
    }
  } catch (error) {
    throw failure(url, error, options);
  } finally {
    stall.stop();
  }
}

function failure(url: string, error: unknown, options: RequestOptions): unknown {
  options.signal?.throwIfAborted();
  if (error instanceof DownloadError) return error;
  if (error instanceof StalledError)
    return new DownloadError(url, `no data received for ${options.stallTimeoutMs / 1000} s.`);
  const cause = (error as { cause?: unknown }).cause;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : (error as Error).message;
  return new DownloadError(url, `the connection failed: ${reason}.`);
}

/** If-Range takes no weak ETag. */
function strongValidator(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return tag?.startsWith('"') ? tag : (headers.get('last-modified') ?? undefined);
}

function parseContentRange(
  header: string | null,
): { start: number; total: number | undefined } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? '') ?? [];
  return start === undefined
    ? undefined
    : { start: Number(start), total: total === '*' ? undefined : Number(total) };
}

class StalledError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

class StallTimer {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  readonly signal = this.controller.signal;

  constructor(private readonly timeoutMs: number) {}

  restart(): void {
    this.stop();
    this.timer = setTimeout(() => this.controller.abort(new StalledError()), this.timeoutMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
