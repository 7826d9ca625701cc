-- Whoever advances or cancels a search does it alone. No row: it is over.
select protocol, rungs from hyperparameter_search where id = $1 and status = 'RUNNING' for update
