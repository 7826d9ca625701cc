-- No model is in service for the task from here on; run under the lock of lock-activations.sql.
insert into activation (task, model_id, previous_id, reason) values ($1, null, null, 'ROLLED_BACK')
