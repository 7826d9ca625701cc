-- What decides whether to train again. New ratings are counted from the beginning of the last training of that system that succeeded, or
-- of the last one that began by itself, whichever is later: by the users whose history has changed since (an index has them), and
-- releases that were seeded.
with system as (
  select experiment.algorithm, experiment.hyperparameters, experiment.protocol, experiment.seed
  from activation join model on model.id = activation.model_id join experiment on experiment.id = model.experiment_id
  where activation.task = 'MOVIES'
  order by activation.id desc limit 1
), since as (
  select greatest(
    (select max(started_at) from experiment
     where status = 'SUCCEEDED' and search_role is distinct from 'TRIAL' and algorithm = coalesce((select algorithm from system), 'TWO_TOWER')),
    (select started_at from retraining)
  ) as at
)
select
  retraining.considered_at as "consideredAt",
  to_char(retraining.considered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "consideredKey",
  retraining.experiment_id as "experimentId",
  retraining.reason,
  (select row_to_json(system) from system) as system,
  now() as now,
  exists (select from experiment where status in ('QUEUED', 'RUNNING')) as busy,
  case when $1 then
    (select count(*)::int from app_user join rating on rating.user_id = app_user.id
     where history_changed_at > since.at and rated_at > since.at)
    + coalesce((select sum(ratings) from seeding where seeded_at > since.at), 0)::int
  end as "newRatings"
from retraining, since
