SELECT token_id, last_used_ms FROM token_usage
WHERE account_id = ?1 AND token_id IN (SELECT value FROM json_each(?2))
