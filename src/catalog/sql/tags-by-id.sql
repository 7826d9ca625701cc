select id, name from tag where id = any ($1::integer[])
