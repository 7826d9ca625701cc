insert into traffic_split (seed) values ($1) returning id
