-- Puts a model in service, unless it is; run under the lock of lock-activations.sql.
insert into activation (model_id, previous_id, reason)
select $1, (select max(id) from activation), $2
where $1 is distinct from (select model_id from activation order by id desc limit 1)
returning id
