-- Newest first. $1: one split, or null; $2: only what runs; $3: how many.
select id, seed, version, started_at as "startedAt", ended_at as "endedAt", (
  select json_agg(json_build_object('modelId', model_id, 'weight', weight) order by weight = 0, position, model_id)
  from traffic_share where split_id = traffic_split.id
) as shares
from traffic_split
where ($1::int is null or id = $1) and (not $2 or ended_at is null)
order by id desc
limit $3
