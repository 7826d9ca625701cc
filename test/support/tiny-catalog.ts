/** A catalog small enough to train on in a test: even users like even movies, odd ones odd, each in
 *  an order of their own. */
import type { Database } from '../../src/database/database';

const USERS = 40;
const MOVIES = 60;

/** 40 users, 60 movies with genres, 12 ratings each, a few taggings, demographics of half of
 *  them. */
export async function seedTinyCatalog(database: Database): Promise<void> {
  const ratings: [number, number, number, number][] = [];
  for (let user = 1; user <= USERS; user++) {
    for (let turn = 0; turn < 12; turn++) {
      // 7 and 30 have no common divisor: twelve different movies of the user's own parity.
      const movie = 2 * ((user * 3 + turn * 7) % 30) + (user % 2) + 1;
      ratings.push([user, movie, 3 + (turn % 5) / 2, 1_000_000 + user * 1_000 + turn]);
    }
  }
  await database.transaction(async (client) => {
    await client.query('truncate app_user, movie, tag restart identity cascade');
    await client.query(
      `insert into app_user (id, gender, age) select i, case when i <= 20 then 'F' end, case when i <= 20 then 18 + i end
       from generate_series(1, $1::int) as i`,
      [USERS],
    );
    await client.query(
      `insert into movie (id, title, year, genres)
       select i, 'Movie ' || i, 1980 + i, case when i % 2 = 0 then '{Comedy,Drama}' else '{Horror}' end::text[]
       from generate_series(1, $1::int) as i`,
      [MOVIES],
    );
    await client.query(
      `insert into rating (user_id, movie_id, value, rated_at, ordinal)
       select u, m, v, to_timestamp(t), 0 from unnest($1::int[], $2::int[], $3::real[], $4::float8[]) as row (u, m, v, t)`,
      [0, 1, 2, 3].map((column) => ratings.map((row) => row[column])),
    );
    await client.query(
      `insert into tag (id, name, key) values (1, 'funny', 'funny'), (2, 'scary', 'scary')`,
    );
    await client.query(
      `insert into tagging (user_id, movie_id, tag_id, tagged_at)
       select user_id, movie_id, 1 + user_id % 2, rated_at from rating where ordinal = 0 and movie_id % 5 = 0`,
    );
  });
}

/** Removes all experiments, models and activations. */
export async function forgetExperiments(database: Database): Promise<void> {
  await database.query(
    'truncate activation, model, user_metric, user_list, metric, epoch_record, experiment, hyperparameter_search restart identity cascade',
  );
}
