SELECT count(*) FROM role WHERE account_id = $1 AND deleted_at_ms IS NULL
