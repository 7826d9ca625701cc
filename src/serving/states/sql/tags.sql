select id, name, key from tag where id > $1 order by id
