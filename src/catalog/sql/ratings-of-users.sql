-- One page of each user's ratings, newest first. The sort key goes out in whole microseconds: a JavaScript date would cut them off.
select r.*
from unnest($1::integer[]) as asked (id)
cross join lateral (
  select user_id as "userId", movie_id as "movieId", value, rated_at as "ratedAt", ordinal,
    (extract(epoch from rated_at) * 1000000)::bigint as position
  from rating
  where user_id = asked.id
    and ($2::bigint is null
      or (rated_at, ordinal, movie_id) < (timestamptz 'epoch' + $2::double precision * interval '1 microsecond', $3::integer, $4::integer))
  order by rated_at desc, ordinal desc, movie_id desc
  limit $5
) r
order by asked.id, r.position desc, r.ordinal desc, r."movieId" desc
