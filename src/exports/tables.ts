/** What can be exported as CSV, by file name: the catalog as the files of a MovieLens release
 *  (ml-latest-small's columns), which seeded again are the same data, and the experiments. Not
 *  exported, as the format has no columns for them: users' demographics, and fractions of a
 *  second. */
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { yearOfTitle } from '../datasets/fields';
import { MetricName } from '../experiments/enums';
import type { Experiment } from '../experiments/experiment.entity';
import { type ExperimentService, LARGEST_LIST } from '../experiments/experiment-service';
import type { Metric } from '../experiments/metric.entity';

const SQL = join(__dirname, 'sql');
/** Some 3,000 ratings a statement. */
const USERS_A_PAGE = 20;
const MOVIES_A_PAGE = 1_000;

export async function* exportRatings(database: Database): AsyncGenerator<string> {
  yield 'userId,movieId,rating,timestamp\n';
  for await (const range of userPages(database)) {
    const [{ lines }] = await database.query<{ lines: string | null }>(sqlFile(SQL, 'ratings'), range);
    if (lines !== null) yield lines;
  }
}

export function exportTags(database: Database): AsyncGenerator<string> {
  return csvText(['userId', 'movieId', 'tag', 'timestamp'], taggings(database));
}

export function exportMovies(database: Database): AsyncGenerator<string> {
  const row = ({ id, title, year, genres }: MovieRow) => [
    id,
    titled(title, year),
    genres === '' ? '(no genres listed)' : genres,
  ];
  return csvText(['movieId', 'title', 'genres'], movies(database, row));
}

export function exportLinks(database: Database): AsyncGenerator<string> {
  return csvText(
    ['movieId', 'imdbId', 'tmdbId'],
    movies(database, ({ id, imdbId, tmdbId }) => [id, imdbId, tmdbId]),
  );
}

async function* userPages(database: Database): AsyncGenerator<[after: number, last: number]> {
  for (let after = 0; ; ) {
    const [{ last }] = await database.query<{ last: number | null }>(sqlFile(SQL, 'user-page'), [
      after,
      USERS_A_PAGE,
    ]);
    if (last === null) return;
    yield [after, last];
    after = last;
  }
}

async function* taggings(database: Database): AsyncGenerator<CsvValue[][]> {
  type Row = { userId: number; movieId: number; tag: string; timestamp: number };
  for await (const range of userPages(database)) {
    const rows = await database.query<Row>(sqlFile(SQL, 'taggings'), range);
    yield rows.map(({ userId, movieId, tag, timestamp }) => [userId, movieId, tag, timestamp]);
  }
}

interface MovieRow {
  readonly id: number;
  readonly title: string;
  readonly year: number | null;
  readonly genres: string;
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
}

async function* movies(
  database: Database,
  columns: (movie: MovieRow) => CsvValue[],
): AsyncGenerator<CsvValue[][]> {
  for (let after = 0; ; ) {
    const rows = await database.query<MovieRow>(sqlFile(SQL, 'movies'), [after, MOVIES_A_PAGE]);
    yield rows.map(columns);
    if (rows.length < MOVIES_A_PAGE) return;
    after = rows[rows.length - 1].id;
  }
}

/** A release says the year in the title only. */
function titled(title: string, year: number | null): string {
  return year === null || yearOfTitle(title) === year ? title : `${title} (${year})`;
}

type CsvValue = string | number | null;

/** Rows → CSV as MovieLens writes it: a header, commas, `\n`, quotes around fields with a comma, a
 *  quote or a line break. Back-pressured: a batch is read when the previous one was consumed.
 *  @param batches rows in the order of the columns */
async function* csvText(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly CsvValue[])[]>,
): AsyncGenerator<string> {
  yield stringify([[...columns]]);
  for await (const batch of batches) if (batch.length > 0) yield stringify(batch.map((row) => [...row]));
}

const FACTS = {
  experimentId: ({ id }) => id,
  algorithm: ({ algorithm }) => algorithm,
  status: ({ status }) => status,
  seed: ({ seed }) => seed,
  hyperparameters: ({ hyperparameters }) => JSON.stringify(hyperparameters),
  datasetHash: ({ datasetHash }) => datasetHash,
  backend: ({ backend }) => backend,
  revision: ({ revision }) => revision,
  trainingSeconds: ({ trainingSeconds }) => trainingSeconds,
  createdAt: ({ createdAt }) => createdAt.toISOString(),
  finishedAt: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
  reportedUnder: ({ protocol }) => protocol,
} as const satisfies Record<string, (experiment: Experiment) => CsvValue>;
const METRICS = Object.values(MetricName);

/** Newest first. What was not measured is empty; an experiment without any measurement is one
 *  line. */
export function exportExperiments(service: ExperimentService): AsyncGenerator<string> {
  return csvText([...Object.keys(FACTS), 'protocol', 'split', 'users', ...METRICS], lines(service));
}

async function* lines(service: ExperimentService): AsyncGenerator<CsvValue[][]> {
  for (let offset = 0; ; offset += LARGEST_LIST) {
    const experiments = await service.find({}, null, { limit: LARGEST_LIST, offset });
    const metrics = await service.metricsOf(experiments.map(({ id }) => id));
    yield experiments.flatMap((experiment) => {
      const own = metrics.filter(({ experimentId }) => experimentId === experiment.id);
      return linesOf(experiment, own);
    });
    if (experiments.length < LARGEST_LIST) return;
  }
}

function linesOf(experiment: Experiment, metrics: readonly Metric[]): CsvValue[][] {
  const facts = Object.values(FACTS).map((fact) => fact(experiment));
  const parts = new Map<string, Metric[]>();
  for (const metric of metrics) {
    const key = `${metric.protocol} ${metric.split}`;
    parts.set(key, [...(parts.get(key) ?? []), metric]);
  }
  if (parts.size === 0) return [[...facts, null, null, null, ...METRICS.map(() => null)]];
  return [...parts.values()].map((part) => {
    const means = new Map(part.map(({ name, mean }) => [name, mean]));
    return [
      ...facts,
      part[0].protocol,
      part[0].split,
      part[0].users,
      ...METRICS.map((name) => means.get(name) ?? null),
    ];
  });
}
