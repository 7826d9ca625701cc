-- The conditions are those of movies-page.sql.
select count(*)::integer as count
from movie
where ($1::text is null or search @@ to_tsquery('simple', $1))
  and ($2::text[] is null or genres && $2)
  and ($3::text[] is null or not genres && $3)
  and ($4::integer is null or year >= $4)
  and ($5::integer is null or year <= $5)
  and ($6::integer[] is null or id <> all ($6))
