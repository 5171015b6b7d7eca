UPDATE projection
SET position = $3, hash = $4, status = 'following', updated_at_ms = $5
WHERE name = 'tables' AND version = $1 AND position = $2
