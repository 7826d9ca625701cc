select artifact, sha256 from model where id = $1
