DELETE FROM team_role WHERE account_id = $1 AND team_id = $2
