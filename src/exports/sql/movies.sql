select id, title, year, array_to_string(genres, '|') as genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
from movie where id > $1 order by id limit $2
