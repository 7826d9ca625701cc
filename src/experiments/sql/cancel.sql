-- What waits is cancelled at once; what runs is asked to stop, and its runner sets the status.
update experiment
set cancel_requested = true,
    status = case when status = 'QUEUED' then 'CANCELLED' else status end,
    stage = case when status = 'QUEUED' then null else stage end,
    finished_at = case when status = 'QUEUED' then now() end
where id = $1 and status in ('QUEUED', 'RUNNING')
returning status
