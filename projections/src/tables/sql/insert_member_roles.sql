INSERT INTO member_role (account_id, member_id, ordinal, role_id)
SELECT $1, $2, key, value FROM json_each($3)
