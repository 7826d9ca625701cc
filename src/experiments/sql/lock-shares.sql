-- Changes of what is in the split happen one after another, and no model of it is deleted meanwhile; reading goes on.
lock table traffic_split in exclusive mode
