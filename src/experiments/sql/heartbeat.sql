-- Holds the lease and shows how far it is. No row: the lease is lost.
update experiment
set lease_expires_at = now() + $3 * interval '1 millisecond', stage = $4, progress = $5
where id = $1 and lease_owner = $2 and status = 'RUNNING'
returning cancel_requested
