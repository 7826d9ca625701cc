-- How many people of each demographic group rated what: one row a group, its movies and counts packed (int32, big-endian). Nothing where
-- the catalog knows no demographics. $1: lower bounds of the age groups, ascending.
with people as (
  select
    id,
    array[
      'gender:' || gender,
      'age:' || case when age is not null then coalesce((select max(bound) from unnest($1::int[]) as bound where bound <= age), $1[1]) end,
      'occupation:' || occupation
    ] as groups
  from app_user
  where (gender is not null or age is not null or occupation is not null) and exists (select from rating where user_id = app_user.id)
), members as (
  select id, name from people cross join lateral unnest(groups) as name where name is not null
), counts as (
  select name, movie_id, count(*)::integer as ratings from members join rating on user_id = members.id group by name, movie_id
), everybody as (
  select count(*)::integer as users from app_user where exists (select from rating where user_id = app_user.id)
)
select
  name,
  (select count(*)::integer from members where members.name = counts.name) as users,
  (select users from everybody) as "allUsers",
  string_agg(int4send(movie_id), ''::bytea order by movie_id) as "movieIds",
  string_agg(int4send(ratings), ''::bytea order by movie_id) as ratings
from counts
group by name
order by name
