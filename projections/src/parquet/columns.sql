-- The types of a view's computed columns are SQLite's guesses, which differ between its versions.
SELECT i.name, i.type, s.type = 'view'
FROM sqlite_schema AS s JOIN pragma_table_info(s.name) AS i
WHERE s.name = ?1
ORDER BY i.cid
