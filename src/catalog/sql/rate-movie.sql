-- Writes the rating and marks the user's history as changed, or does neither. The first two columns say who is missing.
with known_movie as (
  select id from movie where id = $2
), known_user as (
  update app_user set history_changed_at = case when exists (select from known_movie) then now() else history_changed_at end
  where id = $1
  returning id
), written as (
  insert into rating (user_id, movie_id, value, rated_at, ordinal)
  select known_user.id, known_movie.id, $3::real, now(), 0 from known_user, known_movie
  on conflict (user_id, movie_id) do update set value = excluded.value, rated_at = excluded.rated_at, ordinal = excluded.ordinal
  returning rated_at
)
select
  exists (select from known_user) as "userKnown",
  exists (select from known_movie) as "movieKnown",
  (select rated_at from written) as "ratedAt"
