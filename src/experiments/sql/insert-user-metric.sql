insert into user_metric (experiment_id, protocol, split, name, figures) values ($1, $2, $3, $4, $5)
