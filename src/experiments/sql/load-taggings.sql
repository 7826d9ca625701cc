-- A batch of taggings after the key ($1, $2, $3); see load-ratings.sql.
select string_agg(int4send(user_id), ''::bytea) as user_id,
       string_agg(int4send(movie_id), ''::bytea) as movie_id,
       string_agg(int4send(tag_id), ''::bytea) as tag_id,
       string_agg(float8send(extract(epoch from tagged_at)::float8), ''::bytea) as time,
       string_agg(int4send(ordinal), ''::bytea) as ordinal
from (
  select * from tagging where (user_id, movie_id, tag_id) > ($1, $2, $3) order by user_id, movie_id, tag_id limit $4
) as batch
