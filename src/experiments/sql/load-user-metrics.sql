select experiment_id, user_ids, figures
from user_metric join user_list using (experiment_id, split)
where experiment_id = any ($1::int[]) and protocol = $2 and split = $3 and name = $4
