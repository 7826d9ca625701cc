select user_id as "userId", movie_id as "movieId", tag.name as tag, floor(extract(epoch from tagged_at))::float8 as timestamp
from tagging join tag on tag.id = tag_id
where user_id > $1 and user_id <= $2
order by user_id, ordinal, tagged_at, movie_id, tag_id
