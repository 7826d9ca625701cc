select movie_id as "movieId", count(*)::int as ratings from rating group by movie_id
