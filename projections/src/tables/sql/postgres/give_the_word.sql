DELETE FROM projector WHERE name = 'tables' AND node = $1
