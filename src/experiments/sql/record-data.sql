update experiment set dataset_hash = $3, dataset_counts = $4, backend = $5, loading_seconds = $6
where id = $1 and lease_owner = $2 and status = 'RUNNING'
