/** One HTTP request for a file, or for the rest of one (RFC 9110, section 14). */
import { AppError } from '../errors';
import { DownloadError } from './errors';

export interface RequestOptions {
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface FileResponse {
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

/** @param have      bytes that are there already
 *  @param validator of the file they are of; without it the whole file is asked for
 *  @throws DownloadError */
export async function requestRest(
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
    give(new DownloadError(url, 'the server has less than was there.'));
    return requestRest(url, 0, undefined, options);
  }
  if (!response.ok) {
    const passing = response.status >= 500 || PASSING.has(response.status);
    throw give(
      new DownloadError(
        url,
        `the server answers ${response.status} ${response.statusText}`.trimEnd().concat('.'),
        passing,
      ),
    );
  }
  const partial = response.status === 206;
  if (partial && (!resume || range?.start !== have))
    throw give(new DownloadError(url, 'the server sends another part than was asked for.'));
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
    return new DownloadError(url, `nothing came for ${options.stallTimeoutMs / 1000} s.`);
  const cause = (error as { cause?: unknown }).cause;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : (error as Error).message;
  return new DownloadError(url, `the connection failed: ${reason}.`);
}

/** If-Range takes no weak ETag. */
function strongValidator(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return tag?.startsWith('"') ? tag : (headers.get('last-modified') ?? undefined);
}

function parseContentRange(header: string | null): { start: number; total: number | undefined } | undefined {
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
