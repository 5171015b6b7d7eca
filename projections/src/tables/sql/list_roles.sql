SELECT role_id AS id FROM role
WHERE account_id = $1 AND deleted_at_ms IS NULL
ORDER BY created_position
LIMIT $2 OFFSET $3
