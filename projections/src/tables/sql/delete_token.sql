UPDATE token SET deleted_at_ms = $4, version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND token_id = $2 AND version = $3 - 1 AND deleted_at_ms IS NULL
