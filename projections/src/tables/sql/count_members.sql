SELECT count(*) FROM member WHERE account_id = $1 AND removed_at_ms IS NULL
