-- 10 s of overlap: a stamp is when the transaction began, and the row is seen when it commits.
select id, hash, role, user_id as "userId", generated, expires_at as "expiresAt", revoked_at as "revokedAt",
  extract(epoch from changed_at)::float8 as "changedAt"
from api_key
where changed_at > to_timestamp($1::float8) - interval '10 seconds'
