-- Everything that is watched, in one row and one statement: it runs every second.
-- $1, $2: seconds since 1970 after which a user's history, a movie is asked about.
select
  (select coalesce(max(id), 0) from seeding) as "seedingId",
  (select coalesce(max(id), 0) from tag) as "tagId",
  (
    select coalesce(json_agg(json_build_array(id, extract(epoch from history_changed_at)::float8)), '[]')
    from app_user
    where history_changed_at > to_timestamp($1)
  ) as users,
  (
    select coalesce(json_agg(json_build_array(id, extract(epoch from changed_at)::float8)), '[]')
    from movie
    where changed_at > to_timestamp($2)
  ) as movies,
  extract(epoch from clock_timestamp())::float8 as now
