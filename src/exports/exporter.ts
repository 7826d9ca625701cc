/** What can be exported, by its name: over HTTP (graphql/http-exports.ts) and on the command line
 *  (cli/export.ts). */
import type { Database } from '../database/database';
import { NotFoundError } from '../errors';
import type { ExperimentService } from '../experiments/experiment-service';
import { exportExperiments } from './experiments-csv';
import { encodeModelPoints, type ModelPointsOptions } from './model-points';
import { exportLinks, exportMovies, exportRatings, exportTags } from './release';

/** The files that together are a MovieLens release. */
export const RELEASE_FILES = ['ratings.csv', 'tags.csv', 'movies.csv', 'links.csv'] as const;
export const TABLES = [...RELEASE_FILES, 'experiments.csv'] as const;
export type TableName = (typeof TABLES)[number];

export interface ExporterOptions extends ModelPointsOptions {
  readonly experiments: ExperimentService;
}

export class Exporter {
  private readonly tables: Readonly<Record<TableName, (database: Database) => AsyncGenerator<string>>>;

  constructor(private readonly options: ExporterOptions) {
    this.tables = {
      'ratings.csv': exportRatings,
      'tags.csv': exportTags,
      'movies.csv': exportMovies,
      'links.csv': exportLinks,
      'experiments.csv': () => exportExperiments(options.experiments),
    };
  }

  /** Text in parts, each made when the one before has been taken: memory does not grow with the
   *  table.
   *  @throws NotFoundError */
  table(name: string): AsyncGenerator<string> {
    if (!(TABLES as readonly string[]).includes(name)) throw new NotFoundError('export', name);
    return this.tables[name as TableName](this.options.database);
  }

  /** @returns the bytes of an .npz
   *  @throws NotFoundError, ModelNotServableError, CorruptArtifactError */
  modelPoints(modelId: number, withUsers: boolean): Promise<Buffer> {
    return encodeModelPoints(this.options, modelId, withUsers);
  }
}
