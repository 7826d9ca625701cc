select id, gender, age, occupation from app_user
where id > $1 and (gender is not null or age is not null or occupation is not null) order by id limit $2
