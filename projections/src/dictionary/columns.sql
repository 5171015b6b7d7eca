SELECT m.name, m.type, p.name AS "column", p.type AS column_type, p.pk
FROM sqlite_master AS m
JOIN pragma_table_info(m.name) AS p
WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\_sqlx%' ESCAPE '\'
ORDER BY m.name, p.cid
