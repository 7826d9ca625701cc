-- One page of each user's taggings, newest first. The sort key goes out in whole microseconds: a JavaScript date would cut them off.
select t.*
from unnest($1::integer[]) as asked (id)
cross join lateral (
  select user_id as "userId", movie_id as "movieId", tag_id as "tagId", tagged_at as "taggedAt", ordinal,
    (extract(epoch from tagged_at) * 1000000)::bigint as position
  from tagging
  where user_id = asked.id
    and ($2::bigint is null or (tagged_at, ordinal, movie_id, tag_id)
      < (timestamptz 'epoch' + $2::double precision * interval '1 microsecond', $3::integer, $4::integer, $5::integer))
  order by tagged_at desc, ordinal desc, movie_id desc, tag_id desc
  limit $6
) t
order by asked.id, t.position desc, t.ordinal desc, t."movieId" desc, t."tagId" desc
