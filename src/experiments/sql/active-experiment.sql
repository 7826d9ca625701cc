-- The training of the model in service.
select model.id as "modelId", experiment.id as "experimentId", experiment.protocol, experiment.dataset_hash as "datasetHash"
from activation
join model on model.id = activation.model_id
join experiment on experiment.id = model.experiment_id
order by activation.id desc
limit 1
