select user_id as id, count(*)::integer as count from rating where user_id = any ($1::integer[]) group by user_id
