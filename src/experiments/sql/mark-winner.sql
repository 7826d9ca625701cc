update experiment set winner = true where id = $1
