/** What can be exported, by its name: over HTTP (http/http-exports.ts) and on the command line
 *  (cli/export.ts). */
import { NotFoundError } from '../errors';
import type { ExperimentService } from '../experiments/experiment-service';
import { encodeModelPoints, type ModelPointsOptions } from './model-points';
import { exportExperiments, exportLinks, exportMovies, exportRatings, exportTags } from './tables';

/** The files that together are a MovieLens release. */
export const RELEASE_FILES = ['ratings.csv', 'tags.csv', 'movies.csv', 'links.csv'] as const;

export interface ExporterOptions extends ModelPointsOptions {
  readonly experiments: ExperimentService;
}

export class Exporter {
  private readonly tables: ReadonlyMap<string, () => AsyncGenerator<string>>;

  constructor(private readonly options: ExporterOptions) {
    const { database, experiments } = options;
    const release: Record<(typeof RELEASE_FILES)[number], () => AsyncGenerator<string>> = {
      'ratings.csv': () => exportRatings(database),
      'tags.csv': () => exportTags(database),
      'movies.csv': () => exportMovies(database),
      'links.csv': () => exportLinks(database),
    };
    this.tables = new Map([
      ...Object.entries(release),
      ['experiments.csv', () => exportExperiments(experiments)],
    ]);
  }

  /** Text in parts, each made when the one before has been taken: memory does not grow with the
   *  table.
   *  @throws NotFoundError */
  table(name: string): AsyncGenerator<string> {
    const table = this.tables.get(name);
    if (table === undefined) throw new NotFoundError('export', name);
    return table();
  }

  /** @returns the bytes of an .npz
   *  @throws NotFoundError, ModelNotServableError, CorruptArtifactError */
  modelPoints(modelId: number, withUsers: boolean): Promise<Buffer> {
    return encodeModelPoints(this.options, modelId, withUsers);
  }
}
