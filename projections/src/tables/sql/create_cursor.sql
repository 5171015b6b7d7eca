INSERT INTO projection (name, version, position, hash, status, updated_at_ms)
VALUES ('tables', $1, 0, $2, 'following', 0)
ON CONFLICT (name) DO NOTHING
