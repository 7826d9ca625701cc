-- $2: whether somebody can administer without any stored key, so that the last one may go.
update api_key
set revoked_at = now(), changed_at = now()
where id = $1 and revoked_at is null and ($2 or role <> 'ADMIN' or exists (
  select from api_key as other
  where other.id <> $1 and other.role = 'ADMIN' and other.revoked_at is null and (other.expires_at is null or other.expires_at > now())
))
returning id
