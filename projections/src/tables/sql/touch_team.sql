UPDATE team SET version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND team_id = $2 AND version = $3 - 1 AND deleted_at_ms IS NULL
