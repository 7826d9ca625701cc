-- A clean stop is no failed attempt. What was asked to be cancelled meanwhile is cancelled.
update experiment
set status = case when cancel_requested then 'CANCELLED' else 'QUEUED' end,
    stage = case when cancel_requested then null else 'QUEUED' end,
    finished_at = case when cancel_requested then now() end,
    progress = 0, attempts = greatest(attempts - 1, 0), lease_owner = null, lease_expires_at = null
where id = $1 and lease_owner = $2 and status = 'RUNNING'
