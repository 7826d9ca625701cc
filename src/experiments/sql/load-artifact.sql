select artifact, sha256 from model where id = $1 and deleted_at is null
