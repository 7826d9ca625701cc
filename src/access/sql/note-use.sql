update api_key
set last_used_at = greatest(last_used_at, to_timestamp(used.at))
from unnest($1::integer[], $2::float8[]) as used (id, at)
where api_key.id = used.id
