-- The ratings of users $1 < id <= $2 as lines of ratings.csv, in the order of the release that they came from. Numbers need no quotes, so
-- PostgreSQL writes the lines: one text instead of thousands of rows for the event loop that also serves.
select string_agg(
  user_id || ',' || movie_id || ',' || value::numeric(2, 1) || ',' || floor(extract(epoch from rated_at))::bigint || E'\n', ''
  order by user_id, ordinal, rated_at, movie_id
) as lines
from rating where user_id > $1 and user_id <= $2
