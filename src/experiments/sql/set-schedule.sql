update retraining set cron = $1, considered_at = now() where cron is distinct from $1
