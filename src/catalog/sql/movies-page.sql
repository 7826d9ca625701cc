-- The conditions are those of movies-count.sql.
select id, title, year, genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
from movie
where ($1::text is null or search @@ to_tsquery('simple', $1))
  and ($2::text[] is null or genres && $2)
  and ($3::text[] is null or not genres && $3)
  and ($4::integer is null or year >= $4)
  and ($5::integer is null or year <= $5)
  and ($6::integer[] is null or id <> all ($6))
  and ($7::integer[] is null or exists (select from carried_tag where movie_id = movie.id and tag_id = any ($7)))
  and ($8::integer[] is null or not exists (select from carried_tag where movie_id = movie.id and tag_id = any ($8)))
  and ($9::integer is null or (select count(*) from (select from rating where movie_id = movie.id limit $9) as counted) = $9)
  and ($10::integer is null or id > $10)
order by id
limit $11
