insert into movie (title, year, genres, imdb_id, tmdb_id, changed_at)
values ($1, $2, $3, $4, $5, now())
returning id, title, year, genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
