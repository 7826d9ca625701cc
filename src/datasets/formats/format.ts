/** The definition of a data format, and what every format is read as. Movies and users fit in
 *  memory; the rest is streamed. */
import type { IdSet } from '../fields';
import type { ReleaseFiles } from '../files';

/** One object a format; all of them are in `FORMATS` (formats.ts). */
export interface DataFormat {
  readonly name: string;
  /** The format is recognised by these files; the first one has the ratings. */
  readonly required: readonly [string, ...string[]];
  /** Read where present, and part of the hash. */
  readonly optional: readonly string[];
  /** False for interactions without stars: the catalog's ratings need them, a paper run does
   *  not. */
  readonly hasStars: boolean;
  /** True: the movies are those that occur in the ratings, whatever the list of movies has. */
  readonly moviesFromRatings?: boolean;
  readMovies(files: ReleaseFiles): Promise<MovieRow[]>;
  /** Undefined where there is no list of users: they are the ids in the ratings and tags. */
  readUsers?(files: ReleaseFiles): Promise<UserRow[] | undefined>;
  /** @param movies a rating of another one is refused; with `moviesFromRatings` it is added */
  readRatings(files: ReleaseFiles, movies: IdSet): AsyncGenerator<RatingBatch>;
  /** Of the tags that users gave; read when the file is present. */
  readonly taggings?: {
    readonly file: string;
    /** @param movies a tag on another one is refused */
    read(files: ReleaseFiles, movies: IdSet): AsyncGenerator<TaggingRow>;
  };
  /** Each of the two is read when its file is present. */
  readonly genome?: {
    readonly tagsFile: string;
    readonly scoresFile: string;
    readTags(files: ReleaseFiles): Promise<GenomeTag[]>;
    /** @param tags ids of genome tags */
    readScores(files: ReleaseFiles, movies: IdSet, tags: IdSet): AsyncGenerator<GenomeScoreBatch>;
  };
}

/** A folder or an archive, read by its format. */
export interface Release {
  readonly format: DataFormat;
  readonly movies: readonly MovieRow[];
  /** Undefined where there is no list of users. */
  readonly users: readonly UserRow[] | undefined;
  readonly genomeTags: readonly GenomeTag[];
  /** Bytes of the three streams, for a progress bar. */
  readonly sizes: { readonly ratings: number; readonly taggings: number; readonly genomeScores: number };
  ratings(): AsyncGenerator<RatingBatch>;
  /** To be read after the ratings, which may add to the movies. */
  taggings(): AsyncGenerator<TaggingRow>;
  genomeScores(): AsyncGenerator<GenomeScoreBatch>;
}

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

/** Columns of equal length, which may be reused for the next batch. */
export interface RatingBatch {
  readonly length: number;
  readonly userIds: Int32Array;
  readonly movieIds: Int32Array;
  /** Stars, 0.5 to 5 in halves; 0 where the format has none. */
  readonly values: Float32Array;
  /** Seconds since 1970; NaN where the file has none. */
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
