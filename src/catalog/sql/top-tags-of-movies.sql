-- Tags that nobody but whoever added the movie put on it come last, with a count of 0.
select asked.id as "movieId", tag.id, tag.name, top.count
from unnest($1::integer[]) as asked (id)
cross join lateral (
  select tag_id, count(user_id)::integer as count
  from (
    select tag_id, user_id from tagging where movie_id = asked.id
    union all
    select tag_id, null from movie_tag where movie_id = asked.id
  ) carried
  group by tag_id
  order by count(user_id) desc, tag_id
  limit $2
) top
join tag on tag.id = top.tag_id
order by asked.id, top.count desc, tag.id
