-- $10: how many experiments may wait. No row: as many do already.
insert into hyperparameter_search (algorithm, protocol, strategy, space, hyperparameters, rungs, seed, training_seed, publish)
select $1, $2, $3, $4, $5, $6, $7, $8, $9
where (select count(*) from experiment where status = 'QUEUED') < $10::int
returning id
