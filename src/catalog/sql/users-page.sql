select id, gender, age, occupation, zip_code as "zipCode"
from app_user
where ($1::integer is null or id > $1)
order by id
limit $2
