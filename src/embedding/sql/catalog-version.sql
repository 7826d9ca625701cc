-- One row that differs whenever something was seeded, or a movie or a tag was added or changed.
select
  (select coalesce(max(id), 0) from seeding) as "seedingId",
  (select coalesce(max(id), 0) from tag) as "tagId",
  (select coalesce(extract(epoch from max(changed_at)), 0)::float8 from movie where changed_at is not null) as "movieChangedAt",
  extract(epoch from clock_timestamp())::float8 as now
