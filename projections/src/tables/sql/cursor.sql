SELECT version, position, hash FROM projection WHERE name = 'tables'
