select id, title, year, genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
from movie
order by id
