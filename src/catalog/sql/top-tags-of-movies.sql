select asked.id as "movieId", tag.id, tag.name, top.count
from unnest($1::integer[]) as asked (id)
cross join lateral (
  select tag_id, count(*)::integer as count
  from tagging
  where movie_id = asked.id
  group by tag_id
  order by count(*) desc, tag_id
  limit $2
) top
join tag on tag.id = top.tag_id
order by asked.id, top.count desc, tag.id
