select tag_id as "tagId" from tagging where user_id = $1 and movie_id = $2
