insert into cold_start_point (experiment_id, known_ratings, name, mean, ci_low, ci_high, users)
select $1, * from unnest($2::int[], $3::text[], $4::float8[], $5::float8[], $6::float8[], $7::int[])
