insert into app_user (gender, age, occupation, zip_code)
values ($1, $2, $3, $4)
returning id, gender, age, occupation, zip_code as "zipCode"
