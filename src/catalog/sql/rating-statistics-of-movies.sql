select movie_id as id, count(*)::integer as count, avg(value) as average from rating where movie_id = any ($1::integer[]) group by movie_id
