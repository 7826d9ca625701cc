-- The distinct tags of every movie; json, because `pg` parses arrays of numbers many times slower.
select movie_id as "movieId", json_agg(distinct tag_id) as "tagIds"
from tagging
group by movie_id
