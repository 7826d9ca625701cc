insert into api_key (name, role, user_id, expires_at, hash)
values ($1, $2, $3, $4, $5)
returning id, name, role, user_id as "userId", generated, hash,
  created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
