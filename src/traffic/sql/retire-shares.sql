update traffic_share set weight = 0 where split_id = $1
