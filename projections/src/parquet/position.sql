SELECT position FROM projection WHERE name = 'tables'
