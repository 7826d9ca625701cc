-- Queues the training, if nobody else did since $1 (`considered_at`, to the microsecond) and nothing is being trained. No row: someone did.
with turn as (
  update retraining set considered_at = now(), started_at = now(), reason = $2
  where considered_at = $1::timestamptz and not exists (select from experiment where status in ('QUEUED', 'RUNNING'))
  returning id
), queued as (
  insert into experiment (algorithm, protocol, hyperparameters, seed, publish)
  select $3, $4, $5::jsonb, $6::int, true from turn
  returning id
)
select id from queued
