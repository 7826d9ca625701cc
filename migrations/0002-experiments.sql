-- Experiments are the queue, the log and the result of training; models are what they published.

create table experiment (
  id integer primary key generated always as identity,
  algorithm text not null,
  status text not null default 'QUEUED' check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  stage text default 'QUEUED' check (stage in ('QUEUED', 'LOADING', 'TRAINING', 'EVALUATING', 'PUBLISHING')),
  progress real not null default 0 check (progress between 0 and 1),
  protocol text not null,
  hyperparameters jsonb not null default '{}',
  seed integer not null,
  publish boolean not null default true,
  -- Empty until the data has been read, and until training has begun.
  dataset_hash text not null default '',
  dataset_counts jsonb,
  backend text not null default '',
  revision text,
  environment jsonb,
  error text,
  publication_note text,
  loading_seconds double precision,
  training_seconds double precision,
  evaluation_seconds double precision,
  cancel_requested boolean not null default false,
  attempts smallint not null default 0,
  lease_owner text,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  check ((status in ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at is not null)),
  check ((status in ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (stage is null)),
  check ((status = 'RUNNING') = (lease_owner is not null and lease_expires_at is not null))
);
create index experiment_open on experiment (id) where status in ('QUEUED', 'RUNNING');

create table epoch_record (
  experiment_id integer not null references experiment (id) on delete cascade,
  epoch integer not null,
  loss double precision not null,
  validation_metric double precision,
  seconds double precision not null,
  primary key (experiment_id, epoch)
);

create table metric (
  experiment_id integer not null references experiment (id) on delete cascade,
  protocol text not null,
  split text not null check (split in ('VALIDATION', 'TEST')),
  name text not null,
  mean double precision not null,
  ci_low double precision,
  ci_high double precision,
  users integer not null,
  primary key (experiment_id, protocol, split, name)
);

create table model (
  id integer primary key generated always as identity,
  experiment_id integer not null unique references experiment (id) on delete cascade,
  algorithm text not null,
  servable boolean not null,
  artifact bytea not null,
  sha256 text not null,
  created_at timestamptz not null default now()
);

-- The newest row is the model in service: one insert flips it. `previous_id` is where a roll-back goes.
create table activation (
  id integer primary key generated always as identity,
  model_id integer not null references model (id),
  previous_id integer references activation (id),
  reason text not null check (reason in ('PUBLISHED', 'PROMOTED', 'ROLLED_BACK')),
  activated_at timestamptz not null default now()
);

-- Keys are kept as SHA-256 only; the key itself is shown once, when it is made.
create table api_key (
  id integer primary key generated always as identity,
  name text not null,
  role text not null check (role in ('ADMIN')),
  hash bytea not null unique,
  created_at timestamptz not null default now()
);
