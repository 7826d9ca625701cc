-- The final status. $3: status, $4: error, $5: publication note, $6, $7: seconds of training and evaluation.
-- A success that was asked to be cancelled is none.
update experiment
set status = $3, stage = null, progress = case when $3 = 'SUCCEEDED' then 1 else progress end, finished_at = now(),
    error = $4, publication_note = $5, training_seconds = $6, evaluation_seconds = $7, lease_owner = null, lease_expires_at = null
where id = $1 and lease_owner = $2 and status = 'RUNNING' and not (cancel_requested and $3 = 'SUCCEEDED')
returning id
