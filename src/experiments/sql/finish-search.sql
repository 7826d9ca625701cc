update hyperparameter_search set status = $2, error = $3, finished_at = now() where id = $1 and status = 'RUNNING' returning id
