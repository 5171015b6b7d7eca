DELETE FROM team_grant WHERE account_id = $1 AND team_id = $2
