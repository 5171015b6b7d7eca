UPDATE member SET version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND member_id = $2 AND version = $3 - 1 AND removed_at_ms IS NULL
