-- Back to what was in service for the task before the newest row, past models that were deleted since, and past what is in service anyway;
-- run under the lock of lock-activations.sql. No row: nothing was.
with recursive newest as (
  select id, model_id, previous_id from activation where task = $1 order by id desc limit 1
), past as (
  select previous_id as id, 1 as steps from newest
  union all
  select activation.previous_id, steps + 1 from past join activation using (id)
)
insert into activation (task, model_id, previous_id, reason)
select activation.task, activation.model_id, activation.previous_id, 'ROLLED_BACK'
from past
join activation using (id)
join model on model.id = activation.model_id
where model.deleted_at is null and activation.model_id is distinct from (select model_id from newest)
order by steps
limit 1
returning model_id
