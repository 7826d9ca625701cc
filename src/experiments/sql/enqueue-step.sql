-- Trainings of a search, in the order given. $1: search, $2: role, $3: rung, $4: numbers of the points, $5: their hyperparameters.
insert into experiment (algorithm, protocol, hyperparameters, seed, publish, search_id, search_role, rung, trial)
select algorithm, protocol, given.hyperparameters::jsonb, training_seed, publish and $2 = 'FINAL', id, $2, $3::int, given.trial
from hyperparameter_search, unnest($4::int[], $5::text[]) with ordinality as given (trial, hyperparameters, place)
where id = $1
order by place
returning id
