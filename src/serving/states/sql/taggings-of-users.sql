select user_id as "userId", json_agg(json_build_array(movie_id, tag_id) order by movie_id, tag_id) as taggings
from tagging
where user_id = any ($1::int[])
group by user_id
