SELECT count(*) FROM token WHERE account_id = $1 AND deleted_at_ms IS NULL
