-- The laboratory: what each user got, for paired tests, and searches for hyperparameters.

-- Who was measured on a split of an experiment, in the order of its user_metric rows. int32, little-endian.
create table user_list (
  experiment_id integer not null references experiment (id) on delete cascade,
  split text not null check (split in ('VALIDATION', 'TEST')),
  user_ids bytea not null check (octet_length(user_ids) % 4 = 0),
  primary key (experiment_id, split)
);

-- One figure for each user of the list. float32, little-endian; NaN where the metric says nothing of a user.
create table user_metric (
  experiment_id integer not null,
  protocol text not null,
  split text not null,
  name text not null,
  figures bytea not null check (octet_length(figures) % 4 = 0),
  primary key (experiment_id, protocol, split, name),
  foreign key (experiment_id, split) references user_list (experiment_id, split) on delete cascade
);

create table hyperparameter_search (
  id integer primary key generated always as identity,
  algorithm text not null,
  protocol text not null,
  strategy text not null check (strategy in ('RANDOM', 'SUCCESSIVE_HALVING')),
  space jsonb not null,
  -- What was fixed; what the space names is in each trial.
  hyperparameters jsonb not null default '{}',
  -- [{ trials, epochs }], the first rung first; epochs is null where the strategy has no budget.
  rungs jsonb not null,
  -- Of the points drawn from the space, and of the trainings.
  seed integer not null,
  training_seed integer not null,
  publish boolean not null default true,
  status text not null default 'RUNNING' check (status in ('RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((status = 'RUNNING') = (finished_at is null))
);
create index hyperparameter_search_open on hyperparameter_search (id) where status = 'RUNNING';

alter table experiment
  add column search_id integer references hyperparameter_search (id) on delete cascade,
  add column search_role text check (search_role in ('TRIAL', 'FINAL')),
  -- The number of the point, from 1, and of the rung, from 1; a final training has neither.
  add column trial integer,
  add column rung integer,
  add column winner boolean not null default false,
  add check ((search_id is null) = (search_role is null)),
  add check ((search_role is not distinct from 'TRIAL') = (trial is not null and rung is not null));
create index experiment_search on experiment (search_id) where search_id is not null;
-- However often a search is advanced, a point is trained once in each rung, and there is one final training.
create unique index experiment_search_step on experiment (search_id, search_role, coalesce(rung, 0), coalesce(trial, 0))
  where search_id is not null;
