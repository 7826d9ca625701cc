-- Changes of what is in the split happen one after another; reading goes on.
lock table traffic_split in exclusive mode
