select id, name, role, user_id as "userId", generated, hash,
  created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
from api_key
where $1::integer is null or id > $1
order by id
limit $2
