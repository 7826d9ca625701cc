/** What can be wrong with a release: its lines, its files, its download. None is a client's fault,
 *  so none has an API code. */

/** The base of every error that a person mends by giving another source; the command line prints
 *  its one-line message. */
export abstract class ReleaseError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
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
  constructor(
    readonly url: string,
    readonly reason: string,
    /** Whether the same request may succeed later. */
    readonly retryable: boolean = true,
  ) {
    super(`${url}: ${reason}`);
  }
}

/** Input in a message: short, on one line, nothing that a terminal would obey. */
export function quoted(text: string, limit = 60): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return `"${shown.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')}"`;
}
