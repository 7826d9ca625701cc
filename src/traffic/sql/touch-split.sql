update traffic_split set version = version + 1 where ended_at is null returning id
