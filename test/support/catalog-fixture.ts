/** A small catalog, known by heart, for the tests of the API. */
import type { Database } from '../../src/database/database';

/** Movies 1-5, users 1-4, tags 1-3. User 1 rated 1, 2, 3 (3 newest); users 2 and 3 rated movie 1 at
 *  the same moment; user 4 nothing. */
export async function seedCatalog(database: Database): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('truncate app_user, movie, tag restart identity cascade');
    await client.query(`insert into movie (id, title, year, genres, imdb_id, tmdb_id) values
      (1, 'Toy Story (1995)', 1995, '{Adventure,Animation,Children}', '0114709', 862),
      (2, 'Heat (1995)', 1995, '{Action,Crime}', '0113277', 949),
      (3, 'E.T. the Extra-Terrestrial (1982)', 1982, '{Children,Sci-Fi}', '0083866', 601),
      (4, 'Toy Story 2 (1999)', 1999, '{Adventure,Animation,Children}', null, null),
      (5, 'Schindler''s List', null, '{}', null, null)`);
    await client.query(`insert into app_user (id, gender, age, occupation, zip_code) values
      (1, 'F', 35, 'librarian', '12345'), (2, null, null, null, null), (3, 'M', 1, null, null), (4, null, null, null, null)`);
    await client.query(
      `insert into tag (id, name, key) values (1, 'fun', 'fun'), (2, 'Funny', 'funny'), (3, 'dark', 'dark')`,
    );
    await client.query(`insert into rating (user_id, movie_id, value, rated_at, ordinal) values
      (1, 1, 4, '2000-01-01T00:00:00Z', 1), (1, 2, 3.5, '2000-01-02T00:00:00.000001Z', 2), (1, 3, 5, '2000-01-02T00:00:00.000002Z', 3),
      (2, 1, 3, '2001-01-01T00:00:00Z', 1), (3, 1, 2, '2001-01-01T00:00:00Z', 1), (3, 4, 0.5, '2001-01-01T00:00:00Z', 2)`);
    await client.query(`insert into tagging (user_id, movie_id, tag_id, tagged_at, ordinal) values
      (1, 1, 1, '2000-01-01T00:00:00Z', 1), (2, 1, 1, '2000-01-01T00:00:00Z', 1), (2, 1, 2, '2000-01-01T00:00:00Z', 2),
      (1, 2, 3, '2000-01-03T00:00:00Z', 2)`);
    for (const table of ['app_user', 'movie', 'tag']) {
      await client.query(
        `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`,
      );
    }
  });
}
