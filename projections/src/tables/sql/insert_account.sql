INSERT INTO account (account_id, name, plan, created_at_ms, version, last_position)
SELECT $1, $6, $7, $4, $3, $5
WHERE $2 = $1 AND $3 = 1
