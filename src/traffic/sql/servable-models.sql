select id from model where id = any ($1::int[]) and servable and deleted_at is null
