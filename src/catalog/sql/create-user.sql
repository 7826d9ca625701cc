-- Makes the user together with the first ratings, or nothing at all: the first entry whose movie does not exist is then named.
with given as (
  select movie_id, value, place from unnest($5::integer[], $6::real[]) with ordinality as entry (movie_id, value, place)
), unknown as (
  select min(place)::integer - 1 as entry from given where not exists (select from movie where movie.id = given.movie_id)
), made as (
  insert into app_user (gender, age, occupation, zip_code, history_changed_at)
  select $1, $2, $3, $4, case when exists (select from given) then now() end from unknown where entry is null
  returning id, gender, age, occupation, zip_code
), rated as (
  insert into rating (user_id, movie_id, value, rated_at, ordinal)
  select made.id, given.movie_id, given.value, now(), given.place from made, given
)
select made.id, made.gender, made.age, made.occupation, made.zip_code as "zipCode", unknown.entry as "unknownEntry"
from unknown left join made on true
