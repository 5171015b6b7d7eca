SELECT key FROM team WHERE account_id = $1 AND team_id = $2 AND deleted_at_ms IS NULL
