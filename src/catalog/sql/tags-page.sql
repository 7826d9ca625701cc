-- The conditions are those of tags-count.sql.
select id, name
from tag
where ($1::text is null or position($1 in key) > 0)
  and ($2::integer is null or id > $2)
order by id
limit $3
