select distinct movie_id as "movieId" from tagging where tag_id = $1
