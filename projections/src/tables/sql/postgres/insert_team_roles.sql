INSERT INTO team_role (account_id, team_id, ordinal, role_id)
SELECT $1, $2, j.n - 1, j.value
FROM json_array_elements_text($3::json) WITH ORDINALITY AS j (value, n)
