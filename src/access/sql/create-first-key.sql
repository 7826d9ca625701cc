insert into api_key (name, role, generated, hash)
select 'first start', 'ADMIN', true, $1
where not exists (
  select from api_key
  where role = 'ADMIN' and revoked_at is null and (expires_at is null or expires_at > now())
)
returning id
