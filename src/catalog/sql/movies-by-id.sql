select id, title, year, genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
from movie
where id = any($1::int[])
order by id
