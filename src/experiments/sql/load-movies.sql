select id, year, array_to_string(genres, '|') as genres from movie where id > $1 order by id limit $2
