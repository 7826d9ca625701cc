-- The lease is held by whoever writes: a runner that lost it must not add to another's record.
insert into epoch_record (experiment_id, epoch, loss, validation_metric, seconds)
select id, $3, $4, $5, $6 from experiment where id = $1 and lease_owner = $2 and status = 'RUNNING'
on conflict do nothing
