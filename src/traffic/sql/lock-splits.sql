-- Changes of the split happen one after another, and no model of it is deleted meanwhile (experiments/sql/lock-shares.sql).
lock table traffic_split in exclusive mode
