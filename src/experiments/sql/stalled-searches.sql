-- Searches whose trainings are all over: whoever should have gone on was killed in between.
select id from hyperparameter_search
where status = 'RUNNING'
  and not exists (select from experiment where search_id = hyperparameter_search.id and status in ('QUEUED', 'RUNNING'))
order by id
