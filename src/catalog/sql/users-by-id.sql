select id, gender, age, occupation, zip_code as "zipCode"
from app_user where id = any ($1::integer[])
