/** What the schema itself refuses, and that the entities say the same as the migrations. */
import { describeEachDatabase } from './support/databases';

describeEachDatabase('the schema', (getDatabase) => {
  beforeAll(async () => {
    await getDatabase().query('insert into app_user (id) values (1)');
    await getDatabase().query(`insert into movie (id, title) values (1, 'Heat (1995)')`);
    await getDatabase().query(`insert into tag (id, name, key) values (1, 'Neo-noir', 'neo-noir')`);
  });

  const rate = (value: string, movieId = 1, userId = 1) =>
    getDatabase().query(
      `insert into rating (user_id, movie_id, value, rated_at) values ($1, $2, $3::real, now())`,
      [userId, movieId, value],
    );

  it.each(['NaN', 'Infinity', '-1', '0', '0.25', '0.7', '3.1', '5.5'])(
    'refuses a rating of %s',
    async (value) => {
      await expect(rate(value)).rejects.toMatchObject({ code: '23514', constraint: 'rating_value_check' });
    },
  );

  it.each(['0.5', '1', '3.5', '5'])('takes a rating of %s', async (value) => {
    await rate(value);
    expect(await getDatabase().query('delete from rating returning value')).toEqual([
      { value: Number(value) },
    ]);
  });

  it('refuses a second rating of the same movie by the same user', async () => {
    await rate('4');
    await expect(rate('5')).rejects.toMatchObject({ code: '23505' });
    await getDatabase().query('delete from rating');
  });

  it('refuses orphans', async () => {
    await expect(rate('4', 999)).rejects.toMatchObject({
      code: '23503',
      constraint: 'rating_movie_id_fkey',
    });
    await expect(rate('4', 1, 999)).rejects.toMatchObject({
      code: '23503',
      constraint: 'rating_user_id_fkey',
    });
    const tagging = getDatabase().query(
      'insert into tagging (user_id, movie_id, tag_id, tagged_at) values (1, 1, 999, now())',
    );
    await expect(tagging).rejects.toMatchObject({ code: '23503', constraint: 'tagging_tag_id_fkey' });
  });

  it.each([
    ['an untitled movie', `insert into movie (title) values ('')`],
    ['a movie of the year 1066', `insert into movie (title, year) values ('Hastings', 1066)`],
    ['a blank tag', `insert into tag (name, key) values (' ', '')`],
    ['an age of 131', 'insert into app_user (age) values (131)'],
    ['a genome relevance of NaN', `insert into genome_score values (1, 1, 'NaN')`],
    [
      'an experiment that ended without a time',
      `insert into experiment (algorithm, protocol, seed, status) values ('a', 'p', 1, 'FAILED')`,
    ],
    [
      'one that runs under nobody',
      `insert into experiment (algorithm, protocol, seed, status) values ('a', 'p', 1, 'RUNNING')`,
    ],
  ])('refuses %s', async (_what, statement) => {
    await expect(getDatabase().query(statement)).rejects.toMatchObject({ code: '23514' });
  });

  it('refuses two spellings of one tag', async () => {
    const twice = getDatabase().query(`insert into tag (name, key) values ('neo-noir', 'neo-noir')`);
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint: 'tag_key_key' });
  });

  it('forgets the ratings and taggings of a user who goes', async () => {
    await getDatabase().query('insert into app_user (id) values (2)');
    await rate('4', 1, 2);
    await getDatabase().query(
      'insert into tagging (user_id, movie_id, tag_id, tagged_at) values (2, 1, 1, now())',
    );
    await getDatabase().query('delete from app_user where id = 2');
    expect(
      await getDatabase().query('select user_id from rating union all select user_id from tagging'),
    ).toEqual([]);
  });

  /** TypeORM would make, alter and drop: anything it would make or alter is a column on which the
   *  two disagree. What it would drop is what the entities leave out on purpose, since only SQL
   *  says it well: checks, foreign keys, indices, and `movie.search`. */
  it('has every table and column as the entities say', async () => {
    // TypeORM looks up generated columns (`movie.search`) in a table of its own, which it makes
    // only when an entity has one.
    await getDatabase().query(
      `create table typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)`,
    );
    const { upQueries } = await getDatabase().dataSource.driver.createSchemaBuilder().log();
    await getDatabase().query('drop table typeorm_metadata');
    const leftOut = [
      /^ALTER TABLE "\w+" DROP CONSTRAINT "\w+_(check\d*|fkey)"$/,
      /^DROP INDEX "public"\."\w+"$/,
      /^ALTER TABLE "movie" DROP COLUMN "search"$/,
      /^DELETE FROM "typeorm_metadata"/,
    ];
    const pending = upQueries
      .map(({ query }) => query)
      .filter((query) => !leftOut.some((pattern) => pattern.test(query)));
    expect(pending).toEqual([]);
  });
});
