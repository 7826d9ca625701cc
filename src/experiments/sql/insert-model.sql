insert into model (experiment_id, algorithm, servable, artifact, sha256) values ($1, $2, $3, $4, $5) returning id
