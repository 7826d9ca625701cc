-- One row per user that exists; json, because `pg` parses arrays of numbers many times slower.
select
  u.id,
  u.gender,
  u.age,
  u.occupation,
  r.movies,
  r.stars,
  r.times
from app_user u
left join lateral (
  select
    json_agg(movie_id order by rated_at, ordinal, movie_id) as movies,
    json_agg(value order by rated_at, ordinal, movie_id) as stars,
    json_agg(extract(epoch from rated_at)::float8 order by rated_at, ordinal, movie_id) as times
  from rating
  where user_id = u.id
) r on true
where u.id = $1
