-- Puts a model in service for its task, unless it is; run under the lock of lock-activations.sql.
insert into activation (task, model_id, previous_id, reason)
select $3::text, $1, (select max(id) from activation where task = $3), $2
where $1 is distinct from (select model_id from activation where task = $3 order by id desc limit 1)
returning id
