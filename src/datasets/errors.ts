/** What can be wrong with a release: its lines, its files, its download. */
import { AppError, type ErrorCode } from '../errors';

/** The base of every error that a person mends by giving another source. */
export abstract class ReleaseError extends AppError {
  readonly code: ErrorCode = 'DATASET_UNREADABLE';
}

/** A line cannot be what the format says. `line` counts from 1, as an editor does. */
export class MalformedLineError extends ReleaseError {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly reason: string,
  ) {
    super(`${file}, line ${line}: ${reason}`);
  }
}

/** The files are no release, or not one that can be read: missing, too large, corrupt, changed
 *  while being read. */
export class UnreadableReleaseError extends ReleaseError {}

/** The release could not be had from the publisher. */
export class DownloadError extends ReleaseError {
  override readonly code = 'DOWNLOAD_FAILED';
  constructor(
    readonly url: string,
    readonly reason: string,
    private readonly mayRetry = true,
  ) {
    super(`${url}: ${reason}`);
  }
  override get retryable(): boolean {
    return this.mayRetry;
  }
}

/** Input in a message: short, on one line, nothing that a terminal would obey. */
export function quoted(text: string, limit = 60): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return `"${shown.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')}"`;
}
