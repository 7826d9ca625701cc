select id, extract(epoch from history_changed_at)::float8 as "changedAt" from app_user where history_changed_at > to_timestamp($1)
