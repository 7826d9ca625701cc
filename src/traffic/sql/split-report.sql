-- What came of split $1, by model. A rating counts for the model that had shown the film last before it, until the split ended.
with shown as materialized (
  select model_id, user_id, shown_at, movie_id from impression cross join unnest(movie_ids) as movie_id where split_id = $1
), rated as (
  select distinct on (user_id, movie_id) model_id, user_id, value
  from shown join rating using (user_id, movie_id)
  where shown_at < rated_at and rated_at <= coalesce((select ended_at from traffic_split where id = $1), 'infinity')
  order by user_id, movie_id, shown_at desc
), lists as (
  select model_id, user_id, sum(times) as lists from impression where split_id = $1 group by model_id, user_id
), films as (
  select model_id, user_id, count(distinct movie_id) as shown from shown group by model_id, user_id
), outcomes as (
  select model_id, user_id, count(*) as rated, sum(value) as stars from rated group by model_id, user_id
), by_user as (
  select model_id, user_id, lists, shown, coalesce(rated, 0) as rated, coalesce(stars, 0) as stars
  from lists join films using (model_id, user_id) left join outcomes using (model_id, user_id)
)
select
  share.model_id as "modelId",
  share.weight,
  count(user_id)::int as users,
  coalesce(sum(lists), 0)::float8 as lists,
  coalesce(sum(shown), 0)::float8 as "shownMovies",
  coalesce(sum(rated), 0)::float8 as ratings,
  (sum(stars) / nullif(sum(rated), 0))::float8 as "meanRating",
  avg(rated::float8 / shown) as rate,
  var_samp(rated::float8 / shown) as "rateVariance"
from traffic_share as share left join by_user on by_user.model_id = share.model_id
where share.split_id = $1
group by share.model_id, share.weight, share.position
order by share.weight = 0, share.position, share.model_id
