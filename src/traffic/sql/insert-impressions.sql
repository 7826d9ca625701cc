-- One row a list. Times are the database's: $4 says how many milliseconds ago a list was shown. Users who are gone leave no row.
insert into impression (split_id, model_id, user_id, shown_at, times, source, movie_ids)
select split_id, model_id, user_id, now() - age * interval '1 millisecond', times, source, movie_ids::int[]
from unnest($1::int[], $2::int[], $3::int[], $4::float8[], $5::int[], $6::text[], $7::text[])
  as shown (split_id, model_id, user_id, age, times, source, movie_ids)
where exists (select from app_user where id = user_id)
