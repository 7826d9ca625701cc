/** Staged rows into the catalog. What is there already stays as it is: its rows win over the
 *  release's. */
import type pg from 'pg';
import { columnNames, type Table } from './columns';
import { isStaged, staged } from './load';

/** @param direct as for `load`
 *  @returns the number of taggings of the release, each counted once however often it is spelled */
export async function merge(client: pg.ClientBase, direct: boolean): Promise<number> {
  if (!direct) await mergeCatalog(client);
  // Ids are given here and not by the sequence, so that an interrupted run leaves no gap; hence
  // nobody else may add a tag.
  await client.query('lock table tag in share row exclusive mode');
  await client.query(`
    insert into tag (id, name, key)
    select (select coalesce(max(id), 0) from tag) + row_number() over (order by staged.id), staged.name, staged.key
      from ${staged('tag')} staged where not exists (select from tag where tag.key = staged.key)`);
  // The first of a user's spellings of a tag counts.
  const distinct = `
    select distinct on (user_id, movie_id, tag_id) user_id, movie_id, tag_id, tagged_at, ordinal
      from ${staged('tagging')} order by user_id, movie_id, tag_id, ordinal`;
  await client.query(`
    insert into tagging (${columnNames('tagging')})
    select first.user_id, first.movie_id, tag.id, first.tagged_at, first.ordinal
      from (${distinct}) first join ${staged('tag')} staged on staged.id = first.tag_id join tag on tag.key = staged.key
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
  for (const table of ['rating', 'tagging', 'tag', 'app_user', 'movie', 'genome_score'] as const) {
    if (isStaged(table, false)) await client.query(`analyze ${staged(table)}`);
  }
  // Before the rows, so that a user created meanwhile gets an id beyond the release's.
  for (const table of ['app_user', 'movie'] as const) await moveSequence(client, table, staged(table));
  await client.query(`
    insert into movie (${columnNames('movie')})
    select ${columnNames('movie')} from ${staged('movie')} order by id on conflict do nothing`);
  await client.query(`
    insert into app_user (${columnNames('app_user')})
    select ${columnNames('app_user')} from ${staged('app_user')} order by id on conflict do nothing`);
  await client.query(`
    insert into rating (${columnNames('rating')})
    select ${columnNames('rating')} from ${staged('rating')} on conflict do nothing`);
}

async function mergeGenome(client: pg.ClientBase): Promise<void> {
  await client.query(`create unique index on ${staged('genome_score')} (movie_id, tag_id)`);
  await client.query(`
    insert into genome_score (movie_id, tag_id, relevance)
    select score.movie_id, tag.id, score.relevance
      from ${staged('genome_score')} score join ${staged('tag')} staged on staged.id = score.tag_id join tag on tag.key = staged.key
      on conflict do nothing`);
}

/** The next id given by the database follows the largest one of `from`; never goes back. */
export async function moveSequence(client: pg.ClientBase, table: Table, from: string = table): Promise<void> {
  await client.query(`
    select setval(sequence, greatest(largest, coalesce(pg_sequence_last_value(sequence), 1)))
      from (select pg_get_serial_sequence('${table}', 'id')::regclass as sequence, max(id)::bigint as largest from ${from}) as ids
     where largest is not null`);
}
