/** What a release holds, whichever format it came in. Movies and users fit in memory; the rest
 *  comes in batches. */

export interface MovieRow {
  readonly id: number;
  /** As published, spaces included. */
  readonly title: string;
  readonly year: number | null;
  readonly genres: readonly string[];
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
}

export interface UserRow {
  readonly id: number;
  readonly gender: 'F' | 'M' | null;
  /** Years; in 1M the lower bound of the age group. */
  readonly age: number | null;
  readonly occupation: string | null;
  readonly zipCode: string | null;
}

/** Columns of equal length; line i of the batch is `firstLine + i` unless `lines` says
 *  otherwise. */
export interface RatingBatch {
  readonly length: number;
  readonly userIds: Int32Array;
  readonly movieIds: Int32Array;
  /** Stars, 0.5 to 5 in halves. */
  readonly values: Float32Array;
  /** Seconds since 1970. */
  readonly times: Float64Array;
  /** Line in the file, from 1: the order among equal times. */
  readonly lines: Int32Array;
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

export interface TaggingRow {
  readonly userId: number;
  readonly movieId: number;
  /** As published; blank in six lines of 10M. */
  readonly tag: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly line: number;
}

export interface TaggingBatch {
  readonly rows: readonly TaggingRow[];
  readonly bytesRead: number;
}

export interface GenomeTag {
  readonly id: number;
  readonly name: string;
}

export interface GenomeScoreBatch {
  readonly length: number;
  readonly movieIds: Int32Array;
  /** Ids of genome-tags.csv, not of the catalog. */
  readonly genomeTagIds: Int32Array;
  readonly relevances: Float32Array;
  readonly bytesRead: number;
}

export type Shape = 'csv' | '10m' | '1m' | '100k';

export interface Release {
  readonly shape: Shape;
  readonly movies: readonly MovieRow[];
  /** Undefined where the release has no file of users: they are the ids in its ratings and tags. */
  readonly users: readonly UserRow[] | undefined;
  readonly genomeTags: readonly GenomeTag[];
  /** Bytes of the three streams, for a progress bar. */
  readonly sizes: { readonly ratings: number; readonly taggings: number; readonly genomeScores: number };
  readonly ratingsFile: string;
  ratings(): AsyncGenerator<RatingBatch>;
  taggings(): AsyncGenerator<TaggingBatch>;
  genomeScores(): AsyncGenerator<GenomeScoreBatch>;
}
