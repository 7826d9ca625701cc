-- The taggings of the next users by id who tagged anything; json, because `pg` parses arrays of numbers many times slower.
select user_id as "userId", json_agg(json_build_array(movie_id, tag_id) order by movie_id, tag_id) as taggings
from tagging
where user_id in (select distinct user_id from tagging where user_id > $1 order by user_id limit $2)
group by user_id
order by user_id
