-- Two servers that start at once on one database must not both show a key: the lock makes the second one see the first one's row.
with lock as materialized (select pg_advisory_xact_lock(7213004512))
insert into api_key (name, role, hash)
select 'first start', 'ADMIN', $1 from lock
where not exists (select from api_key where role = 'ADMIN')
returning id
