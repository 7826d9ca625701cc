-- Back to what was in service before the newest row; run under the lock of lock-activations.sql. No row: nothing was.
insert into activation (model_id, previous_id, reason)
select previous.model_id, previous.previous_id, 'ROLLED_BACK'
from (select previous_id from activation order by id desc limit 1) as newest
join activation as previous on previous.id = newest.previous_id
returning model_id
