INSERT INTO team_role (account_id, team_id, ordinal, role_id)
SELECT $1, $2, key, value FROM json_each($3)
