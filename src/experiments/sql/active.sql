select id, model_id from activation order by id desc limit 1
