-- $2: models, $3: weights, in the order of the shares.
insert into traffic_share (split_id, model_id, weight, position)
select $1, model_id, weight, position
from unnest($2::int[], $3::float8[]) with ordinality as share (model_id, weight, position)
on conflict (split_id, model_id) do update set weight = excluded.weight, position = excluded.position
