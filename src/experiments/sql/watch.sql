select cancel_requested from experiment where id = $1 and lease_owner = $2 and status = 'RUNNING'
