-- $7: how many experiments may wait. No row: as many do already.
insert into experiment (algorithm, protocol, hyperparameters, seed, publish, measure_cold_items)
select $1, $2, $3, $4, $5, $6
where (select count(*) from experiment where status = 'QUEUED') < $7::int
returning id
