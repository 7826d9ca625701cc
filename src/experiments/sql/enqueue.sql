-- $6: how many experiments may wait. No row: as many do already.
insert into experiment (algorithm, protocol, hyperparameters, seed, publish)
select $1, $2, $3, $4, $5
where (select count(*) from experiment where status = 'QUEUED') < $6::int
returning id
