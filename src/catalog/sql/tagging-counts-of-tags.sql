select tag_id as id, count(*)::integer as count from tagging where tag_id = any ($1::integer[]) group by tag_id
