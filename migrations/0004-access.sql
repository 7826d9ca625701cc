-- Keys of all roles: one bound to a user, ending by themselves or revoked, and when they were last used.

alter table api_key
  drop constraint api_key_role_check,
  add constraint api_key_role_check check (role in ('READER', 'USER', 'ANALYST', 'MEMBER', 'ADMIN')),
  add column user_id integer references app_user (id) on delete cascade,
  -- Made by the server at its first start; a configured admin key takes its place.
  add column generated boolean not null default false,
  add column expires_at timestamptz,
  add column revoked_at timestamptz,
  -- To the minute: a write for each request would cost more than the request.
  add column last_used_at timestamptz,
  -- Set when the key is made or revoked: other processes poll it.
  add column changed_at timestamptz not null default now(),
  add constraint api_key_user_check check ((role = 'USER') = (user_id is not null));
update api_key set generated = true;
create index api_key_changed_at on api_key (changed_at);
create index api_key_user_id on api_key (user_id) where user_id is not null;
