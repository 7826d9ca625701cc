-- Takes the oldest experiment that waits, trials of a search last; what an earlier attempt recorded goes.
-- $1: owner, $2: length of the lease in ms, $3: revision, $4: environment.
with next as (
  select id from experiment where status = 'QUEUED' order by search_role is not distinct from 'TRIAL', id limit 1
  for update skip locked
), epochs as (
  delete from epoch_record using next where experiment_id = next.id
)
update experiment
set status = 'RUNNING', stage = 'LOADING', progress = 0, attempts = attempts + 1, started_at = now(),
    lease_owner = $1, lease_expires_at = now() + $2 * interval '1 millisecond',
    dataset_hash = '', dataset_counts = null, backend = '', loading_seconds = null, revision = $3, environment = $4
from next where experiment.id = next.id
returning experiment.id
