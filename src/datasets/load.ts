/** A release's rows into the catalog's tables, inside the caller's transaction: straight into empty
 *  tables, else staged and merged. */
import type pg from 'pg';
import { bulkLoad, type Column, type RowBatch } from '../database/bulk-load';
import type { Database } from '../database/database';
import { IdSet } from './fields';
import type { MovieRow, Release, TaggingRow, UserRow } from './formats/format';
import { TagNumbers } from './tag-numbers';

/** The columns that a release fills. */
const COLUMNS = {
  app_user: [
    { name: 'id', type: 'integer' },
    { name: 'gender', type: 'text' },
    { name: 'age', type: 'smallint' },
    { name: 'occupation', type: 'text' },
    { name: 'zip_code', type: 'text' },
  ],
  movie: [
    { name: 'id', type: 'integer' },
    { name: 'title', type: 'text' },
    { name: 'year', type: 'smallint' },
    { name: 'genres', type: 'text[]' },
    { name: 'imdb_id', type: 'text' },
    { name: 'tmdb_id', type: 'integer' },
  ],
  tag: [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'text' },
    { name: 'key', type: 'text' },
  ],
  rating: [
    { name: 'user_id', type: 'integer' },
    { name: 'movie_id', type: 'integer' },
    { name: 'value', type: 'real' },
    { name: 'rated_at', type: 'timestamptz' },
    { name: 'ordinal', type: 'integer' },
  ],
  tagging: [
    { name: 'user_id', type: 'integer' },
    { name: 'movie_id', type: 'integer' },
    { name: 'tag_id', type: 'integer' },
    { name: 'tagged_at', type: 'timestamptz' },
    { name: 'ordinal', type: 'integer' },
  ],
  genome_score: [
    { name: 'movie_id', type: 'integer' },
    { name: 'tag_id', type: 'integer' },
    { name: 'relevance', type: 'real' },
  ],
} as const satisfies Record<string, readonly Column[]>;

type Table = keyof typeof COLUMNS;
export const TABLES = Object.keys(COLUMNS) as Table[];

const columnNames = (table: Table): string => COLUMNS[table].map(({ name }) => name).join(', ');

export interface LoadProgress {
  readonly stage: string;
  readonly done: number;
  /** Undefined where the end is not known. */
  readonly total: number | undefined;
}

export interface LoadOptions {
  readonly kind: Database['kind'];
  /** The tables are empty and locked: rows go straight in. Otherwise they are staged and merged:
   *  the rows that are present already win over the release's. */
  readonly direct: boolean;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal | undefined;
}

export interface LoadCounts {
  readonly users: number;
  readonly movies: number;
  readonly ratings: number;
  /** Each counted once, however often the release spells it. */
  readonly taggings: number;
  readonly genomeScores: number;
  /** Lines of the tag file, blank ones among them. */
  readonly tagLines: number;
}

const TAGGINGS_A_BATCH = 20_000;

export const staged = (table: Table): string => `load_${table}`;

/** Tags and taggings are always staged, since spellings of one tag meet there. */
const isStaged = (table: Table, direct: boolean): boolean =>
  !direct || table === 'tag' || table === 'tagging';

/** @throws MalformedLineError, UnreadableReleaseError, pg.DatabaseError, the signal's reason */
export async function load(
  client: pg.ClientBase,
  release: Release,
  options: LoadOptions,
): Promise<LoadCounts> {
  const { kind, direct, signal, onProgress } = options;
  const into = async (table: Table, batches: AsyncIterable<RowBatch> | Iterable<RowBatch>) => {
    const target = isStaged(table, direct) ? staged(table) : table;
    if (target !== table) {
      await client.query(
        `create temporary table ${target} on commit drop as select ${columnNames(table)} from ${table} with no data`,
      );
    }
    return bulkLoad(client, kind, { table: target, columns: COLUMNS[table], batches, signal });
  };
  const batches = new ReleaseBatches(release, onProgress);
  onProgress({ stage: 'Loading movies', done: 0, total: undefined });
  const movies = await into('movie', [movieColumns(release.movies)]);
  const ratings = await into('rating', batches.ratings());
  const genomeTags = batches.numberGenomeTags();
  await into('tagging', batches.taggings());
  await into('tag', [batches.tags()]);
  onProgress({ stage: 'Loading users', done: 0, total: undefined });
  const users = await into('app_user', [userColumns(batches.users())]);
  const genomeScores = await into('genome_score', batches.genomeScores(genomeTags));
  onProgress({ stage: 'Checking and indexing', done: 0, total: undefined });
  const taggings = await merge(client, direct);
  return { users, movies, ratings, taggings, genomeScores, tagLines: batches.tagLines };
}

/** The streams of a release as columns. The ratings and taggings tell which users there are, so
 *  they come before the users. */
class ReleaseBatches {
  tagLines = 0;
  private readonly userIds = new IdSet();
  private readonly numbers = new TagNumbers();

  constructor(
    private readonly release: Release,
    private readonly onProgress: LoadOptions['onProgress'],
  ) {}

  async *ratings(): AsyncGenerator<RowBatch> {
    for await (const batch of this.release.ratings()) {
      const { length, userIds, movieIds, values, times, lines, bytesRead } = batch;
      for (const id of userIds) this.userIds.add(id);
      this.onProgress({ stage: 'Loading ratings', done: bytesRead, total: this.release.sizes.ratings });
      yield { length, columns: [userIds, movieIds, values, times, lines] };
    }
  }

  async *taggings(): AsyncGenerator<RowBatch> {
    let rows: TaggingRow[] = [];
    for await (const row of this.release.taggings()) {
      this.tagLines++;
      rows.push(row);
      if (rows.length < TAGGINGS_A_BATCH) continue;
      yield this.taggingColumns(rows);
      rows = [];
    }
    if (rows.length > 0) yield this.taggingColumns(rows);
  }

  private taggingColumns(rows: readonly TaggingRow[]): RowBatch {
    const done = rows[rows.length - 1].bytesRead;
    this.onProgress({ stage: 'Loading tags', done, total: this.release.sizes.taggings });
    const tagged = rows
      .map((row) => ({ ...row, tagId: this.numbers.numberOf(row.tag) }))
      .filter(({ tagId }) => tagId > 0);
    for (const { userId } of tagged) this.userIds.add(userId);
    return {
      length: tagged.length,
      columns: [
        Int32Array.from(tagged, ({ userId }) => userId),
        Int32Array.from(tagged, ({ movieId }) => movieId),
        Int32Array.from(tagged, ({ tagId }) => tagId),
        Float64Array.from(tagged, ({ time }) => time),
        Int32Array.from(tagged, ({ line }) => line),
      ],
    };
  }

  tags(): RowBatch {
    const { keys, names } = this.numbers;
    return { length: names.length, columns: [names.map((_, index) => index + 1), names, keys] };
  }

  /** The users that the release lists, then those who only occur. */
  users(): UserRow[] {
    const listed = this.release.users ?? [];
    for (const { id } of listed) this.userIds.delete(id);
    const bare = { gender: null, age: null, occupation: null, zipCode: null };
    return [...listed, ...Array.from(this.userIds.toArray(), (id) => ({ id, ...bare }))];
  }

  /** Of two genome tags with one key the first has the scores.
   *  @returns the number of each genome tag; 0 for those without */
  numberGenomeTags(): Map<number, number> {
    const taken = new Set([0]);
    return new Map(
      this.release.genomeTags.map(({ id, name }) => {
        const number = this.numbers.numberOf(name);
        const isFirst = !taken.has(number);
        taken.add(number);
        return [id, isFirst ? number : 0];
      }),
    );
  }

  async *genomeScores(numbers: ReadonlyMap<number, number>): AsyncGenerator<RowBatch> {
    const total = this.release.sizes.genomeScores;
    for await (const batch of this.release.genomeScores()) {
      const { movieIds, genomeTagIds, relevances } = batch;
      let kept = 0;
      for (let row = 0; row < batch.length; row++) {
        const number = numbers.get(genomeTagIds[row])!;
        if (number === 0) continue;
        movieIds[kept] = movieIds[row];
        genomeTagIds[kept] = number;
        relevances[kept++] = relevances[row];
      }
      this.onProgress({ stage: 'Loading genome scores', done: batch.bytesRead, total });
      const columns = [movieIds, genomeTagIds, relevances].map((values) => values.subarray(0, kept));
      yield { length: kept, columns };
    }
  }
}

const movieColumns = (movies: readonly MovieRow[]): RowBatch => ({
  length: movies.length,
  columns: [
    movies.map(({ id }) => id),
    movies.map(({ title }) => title),
    movies.map(({ year }) => year),
    movies.map(({ genres }) => genres),
    movies.map(({ imdbId }) => imdbId),
    movies.map(({ tmdbId }) => tmdbId),
  ],
});

const userColumns = (users: readonly UserRow[]): RowBatch => ({
  length: users.length,
  columns: [
    users.map(({ id }) => id),
    users.map(({ gender }) => gender),
    users.map(({ age }) => age),
    users.map(({ occupation }) => occupation),
    users.map(({ zipCode }) => zipCode),
  ],
});

/** Staged rows into the catalog.
 *  @returns the number of taggings of the release, each counted once */
async function merge(client: pg.ClientBase, direct: boolean): Promise<number> {
  if (!direct) await mergeCatalog(client);
  // Ids are given here and not by the sequence, so that an interrupted run leaves no gap; hence no
  // other writer may add a tag.
  await client.query('lock table tag in share row exclusive mode');
  await client.query(`
    insert into tag (id, name, key)
    select (select coalesce(max(id), 0) from tag) + row_number() over (order by staged.id),
           staged.name, staged.key
      from ${staged('tag')} staged where not exists (select from tag where tag.key = staged.key)`);
  // The first of a user's spellings of a tag counts.
  const distinct = `
    select distinct on (user_id, movie_id, tag_id) user_id, movie_id, tag_id, tagged_at, ordinal
      from ${staged('tagging')} order by user_id, movie_id, tag_id, ordinal`;
  await client.query(`
    insert into tagging (${columnNames('tagging')})
    select first.user_id, first.movie_id, tag.id, first.tagged_at, first.ordinal
      from (${distinct}) first
      join ${staged('tag')} staged on staged.id = first.tag_id join tag on tag.key = staged.key
      ${direct ? '' : 'on conflict do nothing'}`);
  const { rows } = await client.query<{ count: string | number }>(
    `select count(*) as count from (select distinct user_id, movie_id, tag_id from ${staged('tagging')}) first`,
  );
  if (!direct) await mergeGenome(client);
  return Number(rows[0].count);
}

async function mergeCatalog(client: pg.ClientBase): Promise<void> {
  // A rating that the release itself has twice is refused, as it is where rows go straight in.
  await client.query(`create unique index on ${staged('rating')} (user_id, movie_id)`);
  for (const table of TABLES) await client.query(`analyze ${staged(table)}`);
  // Before the rows, so that a user created meanwhile gets an id beyond the release's.
  for (const table of ['app_user', 'movie'] as const) await moveSequence(client, table, staged(table));
  for (const [table, order] of [
    ['movie', 'order by id'],
    ['app_user', 'order by id'],
    ['rating', ''],
  ] as const) {
    await client.query(`
      insert into ${table} (${columnNames(table)})
      select ${columnNames(table)} from ${staged(table)} ${order} on conflict do nothing`);
  }
}

async function mergeGenome(client: pg.ClientBase): Promise<void> {
  await client.query(`create unique index on ${staged('genome_score')} (movie_id, tag_id)`);
  await client.query(`
    insert into genome_score (movie_id, tag_id, relevance)
    select score.movie_id, tag.id, score.relevance
      from ${staged('genome_score')} score
      join ${staged('tag')} staged on staged.id = score.tag_id join tag on tag.key = staged.key
      on conflict do nothing`);
}

/** Has the database's next id follow the largest one of `from`; never goes back. */
export async function moveSequence(
  client: pg.ClientBase,
  table: Table,
  from: string = table,
): Promise<void> {
  await client.query(`
    select setval(sequence, greatest(largest, coalesce(pg_sequence_last_value(sequence), 1)))
      from (select pg_get_serial_sequence('${table}', 'id')::regclass as sequence,
                   max(id)::bigint as largest from ${from}) as ids
     where largest is not null`);
}
