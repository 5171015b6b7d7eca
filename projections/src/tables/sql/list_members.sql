SELECT member_id AS id FROM member
WHERE account_id = $1 AND removed_at_ms IS NULL
ORDER BY created_position
LIMIT $2 OFFSET $3
