-- The conditions are those of tags-page.sql.
select count(*)::integer as count
from tag
where ($1::text is null or position($1 in key) > 0)
