select hash from api_key where role = 'ADMIN' order by id
