-- Models that rank tags: for each task there is a model in service of its own.

alter table activation
  add column task text not null default 'MOVIES' check (task in ('MOVIES', 'TAGS')),
  -- Null: none is in service from here on. Tags can do without a model of their own: the movie space answers.
  alter column model_id drop not null,
  add check (model_id is not null or task = 'TAGS');
create index activation_task on activation (task, id);
