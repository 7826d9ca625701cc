-- Whether an experiment under COLD_ITEMS is to measure how movies warm up, rating by rating: its points, too, are rows of cold_start_point.

alter table experiment add column measure_cold_items boolean not null default false;
