-- A batch of ratings after the key ($1, $2), each column packed into one value (big-endian): node-postgres decodes
-- four values instead of 5 a row, so the event loop that serves is hardly held.
select string_agg(int4send(user_id), ''::bytea) as user_id,
       string_agg(int4send(movie_id), ''::bytea) as movie_id,
       string_agg(float4send(value), ''::bytea) as value,
       string_agg(float8send(extract(epoch from rated_at)::float8), ''::bytea) as time,
       string_agg(int4send(ordinal), ''::bytea) as ordinal
from (
  select * from rating where (user_id, movie_id) > ($1, $2) order by user_id, movie_id limit $3
) as batch
