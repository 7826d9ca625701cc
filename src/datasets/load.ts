/** A release's rows into the catalog's tables, inside the caller's transaction. */
import type pg from 'pg';
import { tagKey } from '../catalog/tag-name';
import { bulkLoad, type RowBatch } from '../database/bulk-load';
import type { Database } from '../database/database';
import {
  bareUsers,
  COLUMNS,
  columnNames,
  movieColumns,
  ratingColumns,
  type Table,
  userColumns,
} from './columns';
import { IdCollector } from './id-collector';
import type { Release } from './release';

export interface LoadProgress {
  readonly stage: string;
  readonly done: number;
  /** Undefined where the end is not known. */
  readonly total: number | undefined;
}

export interface LoadOptions {
  readonly kind: Database['kind'];
  /** The tables are empty and locked: rows go straight in. Otherwise they are staged, and merged by
   *  `merge`. */
  readonly direct: boolean;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal | undefined;
}

export interface LoadCounts {
  readonly users: number;
  readonly movies: number;
  readonly ratings: number;
  readonly genomeScores: number;
  /** Lines of the tag file, blank ones among them. */
  readonly tagLines: number;
}

export const staged = (table: Table): string => `load_${table}`;

/** Tags and taggings are always staged, since spellings of one tag meet there; the rest only where
 *  there are rows already. */
export const isStaged = (table: Table, direct: boolean): boolean =>
  !direct || table === 'tag' || table === 'tagging';

/** @throws MalformedLineError, UnreadableReleaseError, pg.DatabaseError, the signal's reason */
export async function load(
  client: pg.ClientBase,
  release: Release,
  options: LoadOptions,
): Promise<LoadCounts> {
  const { kind, direct, signal, onProgress } = options;
  const userIds = new IdCollector();
  const tags = new TagInterner();
  const into = async (
    table: Table,
    batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
  ): Promise<number> => {
    const target = isStaged(table, direct) ? staged(table) : table;
    if (target !== table) {
      await client.query(
        `create temporary table ${target} on commit drop as select ${columnNames(table)} from ${table} with no data`,
      );
    }
    return bulkLoad(client, kind, { table: target, columns: COLUMNS[table], batches, signal });
  };

  onProgress({ stage: 'Loading movies', done: 0, total: undefined });
  const movies = await into('movie', [movieColumns(release.movies)]);
  const ratings = await into('rating', ratingBatches(release, userIds, onProgress));
  const genomeTagIds = new Map(release.genomeTags.map(({ id, name }) => [id, tags.intern(name, true)]));
  const taggings = new TaggingBatches(release, userIds, tags, onProgress);
  await into('tagging', taggings.batches());
  await into('tag', [tags.columns()]);
  onProgress({ stage: 'Loading users', done: 0, total: undefined });
  for (const { id } of release.users ?? []) userIds.remove(id);
  const users = [...(release.users ?? []), ...bareUsers(userIds.toArray())];
  await into('app_user', [userColumns(users)]);
  const genomeScores = await into('genome_score', genomeBatches(release, genomeTagIds, onProgress));
  return { users: users.length, movies, ratings, genomeScores, tagLines: taggings.lines };
}

async function* ratingBatches(
  release: Release,
  users: IdCollector,
  onProgress: LoadOptions['onProgress'],
): AsyncGenerator<RowBatch> {
  for await (const batch of release.ratings()) {
    for (const id of batch.userIds) users.add(id);
    onProgress({ stage: 'Loading ratings', done: batch.bytesRead, total: release.sizes.ratings });
    yield ratingColumns(batch);
  }
}

/** Tags of the release, numbered from 1 in the order in which they appear; the first spelling gives
 *  the name. */
class TagInterner {
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = [];
  private readonly genome = new Set<number>();

  /** @param once for a genome tag: 0 where another one with the same key has come before
   *  @returns the tag's number, or 0 for a blank one */
  intern(name: string, once = false): number {
    const key = tagKey(name);
    if (key === '') return 0;
    let id = this.ids.get(key);
    if (id === undefined) {
      this.names.push(name);
      id = this.names.length;
      this.ids.set(key, id);
    }
    if (!once) return id;
    if (this.genome.has(id)) return 0;
    this.genome.add(id);
    return id;
  }

  columns(): RowBatch {
    return { length: this.names.length, columns: [[...this.ids.values()], this.names, [...this.ids.keys()]] };
  }
}

class TaggingBatches {
  lines = 0;

  constructor(
    private readonly release: Release,
    private readonly users: IdCollector,
    private readonly tags: TagInterner,
    private readonly onProgress: LoadOptions['onProgress'],
  ) {}

  async *batches(): AsyncGenerator<RowBatch> {
    for await (const { rows, bytesRead } of this.release.taggings()) {
      this.lines += rows.length;
      const tagged = rows
        .map((row) => ({ ...row, tagId: this.tags.intern(row.tag) }))
        .filter(({ tagId }) => tagId > 0);
      for (const { userId } of tagged) this.users.add(userId);
      this.onProgress({ stage: 'Loading tags', done: bytesRead, total: this.release.sizes.taggings });
      yield {
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
  }
}

async function* genomeBatches(
  release: Release,
  tagIds: ReadonlyMap<number, number>,
  onProgress: LoadOptions['onProgress'],
): AsyncGenerator<RowBatch> {
  for await (const { length, movieIds, genomeTagIds, relevances, bytesRead } of release.genomeScores()) {
    let kept = 0;
    for (let row = 0; row < length; row++) {
      const tagId = tagIds.get(genomeTagIds[row]) as number;
      if (tagId === 0) continue;
      movieIds[kept] = movieIds[row];
      genomeTagIds[kept] = tagId;
      relevances[kept++] = relevances[row];
    }
    onProgress({ stage: 'Loading genome scores', done: bytesRead, total: release.sizes.genomeScores });
    yield {
      length: kept,
      columns: [movieIds.subarray(0, kept), genomeTagIds.subarray(0, kept), relevances.subarray(0, kept)],
    };
  }
}
