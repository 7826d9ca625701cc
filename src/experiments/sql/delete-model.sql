-- Run under the locks of lock-activations.sql and lock-shares.sql: neither can the model be put in service meanwhile, nor into a split.
update model set artifact = null, deleted_at = now()
where id = $1 and deleted_at is null
  and not exists (select from activation where model_id = $1 and id in (select max(id) from activation group by task))
  and not exists (
    select from traffic_share join traffic_split on traffic_split.id = split_id and ended_at is null where model_id = $1 and weight > 0
  )
returning id
