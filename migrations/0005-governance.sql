-- Governance: models that are deleted, traffic splits and what came of them, and trainings that begin by themselves.

-- What is deleted is the artifact, which is nearly all of a model's size: experiments, activations and splits go on naming the model.
alter table model
  alter column artifact drop not null,
  add column deleted_at timestamptz,
  add check ((artifact is null) = (deleted_at is not null));

-- At most one split runs: the one without an end. Its weights may change while it runs.
create table traffic_split (
  id integer primary key generated always as identity,
  -- With the user's id it decides who gets which model, as long as the split runs.
  seed integer not null,
  -- Grows with every change of the weights: what other servers look at.
  version integer not null default 1,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index traffic_split_running on traffic_split ((true)) where ended_at is null;

create table traffic_share (
  split_id integer not null references traffic_split (id) on delete cascade,
  model_id integer not null references model (id),
  -- The first is what the others are compared with.
  position smallint not null,
  -- 0: taken out of the split while it ran; its outcomes stay.
  weight double precision not null check (weight >= 0 and weight < 'Infinity'),
  primary key (split_id, model_id)
);

-- A list that a model of a split showed to a user. No foreign key to movie: a list stays what it was.
create table impression (
  id bigint primary key generated always as identity,
  split_id integer not null,
  model_id integer not null,
  user_id integer not null references app_user (id) on delete cascade,
  shown_at timestamptz not null,
  -- How often this very list was shown within the second that the row stands for.
  times integer not null check (times > 0),
  source text not null,
  movie_ids integer[] not null,
  foreign key (split_id, model_id) references traffic_share (split_id, model_id) on delete cascade
);
create index impression_split on impression (split_id, user_id);

-- One row: when it was last decided whether to train. Whoever moves `considered_at` starts the training, so that of several servers one does.
create table retraining (
  id boolean primary key default true check (id),
  considered_at timestamptz not null default now(),
  -- The schedule that it was considered by: a new one does not make up for the past.
  cron text,
  experiment_id integer references experiment (id) on delete set null,
  reason text check (reason in ('SCHEDULE', 'NEW_RATINGS')),
  started_at timestamptz
);
insert into retraining default values;
