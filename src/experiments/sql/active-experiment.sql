-- The training of the model in service for a task.
select model.id as "modelId", experiment.id as "experimentId", experiment.protocol, experiment.dataset_hash as "datasetHash"
from activation
join model on model.id = activation.model_id
join experiment on experiment.id = model.experiment_id
where activation.id = (select max(id) from activation where task = $1)
