update retraining set experiment_id = $1
