/** Where the bytes of a release come from: what a folder and an archive have in common. */
import type { Readable } from 'node:stream';

/** Where the bytes are. Names are those of the files beside the ratings, without a folder. */
export interface FileSource {
  /** For people: the folder's or archive's own name. */
  readonly label: string;
  readonly sizes: ReadonlyMap<string, number>;
  open(name: string): Promise<Readable>;
  close(): Promise<void>;
}

/** Every release has exactly one of these, and the rest lies beside it. */
export const RATING_FILES = ['ratings.csv', 'ratings.dat', 'u.data'] as const;

export const isRatingFile = (name: string): boolean => (RATING_FILES as readonly string[]).includes(name);
