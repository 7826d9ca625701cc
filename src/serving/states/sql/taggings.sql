-- The distinct tags of every movie; json, because `pg` parses arrays of numbers many times slower.
select movie_id as "movieId", json_agg(distinct tag_id) as "tagIds"
from carried_tag
group by movie_id
