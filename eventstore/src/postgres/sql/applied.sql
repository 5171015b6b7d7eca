-- Whether a table of migrations is there; it is made with the schema.
SELECT to_regclass($1) IS NOT NULL
