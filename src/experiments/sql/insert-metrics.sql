insert into metric (experiment_id, protocol, split, name, mean, ci_low, ci_high, users)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::int[])
