-- What was measured so by user, newest first. $1: protocol, $2: split, $3: metric, $4: hash of the data; null: that of the newest.
with measured as (
  select experiment.id, algorithm, hyperparameters, seed, dataset_hash, metric.mean
  from experiment
  join metric on metric.experiment_id = experiment.id and metric.protocol = $1 and metric.split = $2 and metric.name = $3
  join user_metric on user_metric.experiment_id = experiment.id
    and user_metric.protocol = $1 and user_metric.split = $2 and user_metric.name = $3
  where status = 'SUCCEEDED' and search_role is distinct from 'TRIAL'
)
select id, algorithm, hyperparameters, seed, mean
from measured
where dataset_hash = coalesce($4::text, (select dataset_hash from measured order by id desc limit 1))
order by id desc
