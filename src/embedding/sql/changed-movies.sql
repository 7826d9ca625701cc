select id, extract(epoch from changed_at)::float8 as "changedAt" from movie where changed_at > to_timestamp($1)
