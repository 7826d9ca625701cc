-- Experiments whose runner is gone are queued again, or, after their last attempt, failed with a reason.
-- $1: whether every lease counts as gone (the only process that trains has just started), $2: attempts, $3: the reason.
update experiment
set status = case when cancel_requested then 'CANCELLED' when attempts >= $2::int then 'FAILED' else 'QUEUED' end,
    stage = case when not cancel_requested and attempts < $2::int then 'QUEUED' end,
    finished_at = case when cancel_requested or attempts >= $2::int then now() end,
    error = case when not cancel_requested and attempts >= $2::int then $3::text end,
    progress = 0, lease_owner = null, lease_expires_at = null
where status = 'RUNNING' and ($1::boolean or lease_expires_at < now())
returning id, status
