update traffic_split set ended_at = now(), version = version + 1 where ended_at is null
