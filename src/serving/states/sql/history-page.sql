-- The histories of the next users by id who rated anything.
select
  u.id,
  u.gender,
  u.age,
  u.occupation,
  json_agg(r.movie_id order by r.rated_at, r.ordinal, r.movie_id) as movies,
  json_agg(r.value order by r.rated_at, r.ordinal, r.movie_id) as stars,
  json_agg(extract(epoch from r.rated_at)::float8 order by r.rated_at, r.ordinal, r.movie_id) as times
from (select * from app_user where id > $1 and exists (select from rating where user_id = app_user.id) order by id limit $2) u
join rating r on r.user_id = u.id
group by u.id, u.gender, u.age, u.occupation
order by u.id
