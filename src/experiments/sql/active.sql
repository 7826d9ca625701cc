-- The model in service for a task; its id is null where it was taken out and nothing followed.
select id, model_id from activation where task = $1 order by id desc limit 1
