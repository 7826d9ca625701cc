-- The last of the next $2 users by id; null when there are no more.
select max(id) as last from (select id from app_user where id > $1 order by id limit $2) as page
