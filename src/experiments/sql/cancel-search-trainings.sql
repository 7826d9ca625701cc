-- As cancel.sql, for all trainings of a search.
update experiment
set cancel_requested = true,
    status = case when status = 'QUEUED' then 'CANCELLED' else status end,
    stage = case when status = 'QUEUED' then null else stage end,
    finished_at = case when status = 'QUEUED' then now() end
where search_id = $1 and status in ('QUEUED', 'RUNNING')
returning id, status
