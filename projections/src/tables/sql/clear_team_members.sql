DELETE FROM team_member WHERE account_id = $1 AND team_id = $2
