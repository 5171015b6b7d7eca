-- The one row that every writer locks first: there is one batch at a time, whoever has the word.
SELECT version, position, hash FROM projection WHERE name = 'tables' FOR UPDATE
