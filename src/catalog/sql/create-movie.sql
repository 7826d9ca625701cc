-- Makes the movie together with its tags, or nothing at all. $6: ids of tags that exist; $7, $8: names and keys of tags by name.
with made as (
  insert into movie (title, year, genres, imdb_id, tmdb_id, changed_at)
  values ($1, $2, $3, $4, $5, now())
  returning id, title, year, genres, imdb_id as "imdbId", tmdb_id as "tmdbId"
), named as (
  insert into tag (name, key)
  select name, key from unnest($7::text[], $8::text[]) as given (name, key)
  on conflict (key) do update set key = excluded.key -- without an update nothing would be returned
  returning id
), carried as (
  insert into movie_tag (movie_id, tag_id)
  select made.id, tag_id from made, (select unnest($6::integer[]) as tag_id union select id from named) tags
)
select * from made
