select id, gender, age, occupation, zip_code as "zipCode", history_changed_at as "historyChangedAt"
from app_user
where id = any($1::int[])
