select movie_id as "movieId", json_agg(distinct tag_id) as "tagIds"
from carried_tag
where movie_id = any($1::int[])
group by movie_id
