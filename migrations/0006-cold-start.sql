-- Cold start: tags that a movie is added with, and how good a system is for people of whom little is known.

-- What a movie was said to be when it was added; `tagging` is what people said since.
create table movie_tag (
  movie_id integer not null references movie (id) on delete cascade,
  tag_id integer not null references tag (id) on delete cascade,
  added_at timestamptz not null default now(),
  primary key (movie_id, tag_id)
);
create index movie_tag_tag_id on movie_tag (tag_id);

-- Which movie carries which tag, whoever says so; a row for each who does.
create view carried_tag as
  select movie_id, tag_id from tagging
  union all
  select movie_id, tag_id from movie_tag;

-- A point of a curve: the accuracy for new users of whom so many ratings are known.
create table cold_start_point (
  experiment_id integer not null references experiment (id) on delete cascade,
  known_ratings integer not null check (known_ratings >= 0),
  name text not null,
  mean double precision not null,
  ci_low double precision not null,
  ci_high double precision not null,
  users integer not null,
  primary key (experiment_id, known_ratings, name)
);
