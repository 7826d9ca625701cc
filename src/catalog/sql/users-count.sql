select count(*)::integer as count from app_user
