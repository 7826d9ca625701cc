-- Tags that movies were added with: of nobody, which is user 0. Columns as in load-taggings.sql; nothing where there are none.
select string_agg(int4send(0), ''::bytea) as user_id,
       string_agg(int4send(movie_id), ''::bytea order by movie_id, tag_id) as movie_id,
       string_agg(int4send(tag_id), ''::bytea order by movie_id, tag_id) as tag_id,
       string_agg(float8send(extract(epoch from added_at)::float8), ''::bytea order by movie_id, tag_id) as time,
       string_agg(int4send(0), ''::bytea) as ordinal
from movie_tag
