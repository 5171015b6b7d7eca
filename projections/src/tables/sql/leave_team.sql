DELETE FROM team_member
WHERE account_id = $1 AND team_id = $2 AND member_id IN (SELECT value FROM json_each($3))
