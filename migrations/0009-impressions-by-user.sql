-- Removing a user removes the lists that they were shown; without this, by reading all of them.
create index impression_user on impression (user_id);
