with removed as (
  delete from tagging where user_id = $1 and movie_id = $2 and tag_id = $3 returning user_id
), touched as (
  update app_user set history_changed_at = now() where id in (select user_id from removed) returning id
), touched_movie as (
  update movie set changed_at = now() where id = $2 and exists (select from removed)
)
select exists (select from touched) as removed
