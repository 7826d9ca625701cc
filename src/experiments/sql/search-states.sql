-- The trainings of a search with what decides. $2: the protocol, $3: the metric.
select experiment.id as "experimentId", search_role as role, status, trial, rung, hyperparameters, error, metric.mean as objective
from experiment
left join metric on metric.experiment_id = experiment.id and metric.protocol = $2 and metric.split = 'VALIDATION' and metric.name = $3
where search_id = $1
order by experiment.id
