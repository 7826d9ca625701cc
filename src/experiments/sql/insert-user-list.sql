insert into user_list (experiment_id, split, user_ids) values ($1, $2, $3)
