-- Finds or makes the tag, puts it on the movie, and marks movie and user's history as changed, or does nothing of it.
-- A tag put again keeps its first time. The first two columns say who is missing.
with known_movie as (
  update movie set changed_at = case when exists (select from app_user where id = $1) then now() else changed_at end
  where id = $2
  returning id
), known_user as (
  update app_user set history_changed_at = case when exists (select from known_movie) then now() else history_changed_at end
  where id = $1
  returning id
), put_tag as (
  insert into tag (name, key)
  select $3, $4 from known_user, known_movie
  on conflict (key) do update set key = excluded.key -- without an update nothing would be returned
  returning id
), written as (
  insert into tagging (user_id, movie_id, tag_id, tagged_at, ordinal)
  select known_user.id, known_movie.id, put_tag.id, now(), 0 from known_user, known_movie, put_tag
  on conflict (user_id, movie_id, tag_id) do update set tagged_at = tagging.tagged_at
  returning tag_id, tagged_at
)
select
  exists (select from known_user) as "userKnown",
  exists (select from known_movie) as "movieKnown",
  (select tag_id from written) as "tagId",
  (select tagged_at from written) as "taggedAt"
