INSERT INTO token_usage (account_id, token_id, last_used_ms)
SELECT value ->> 'account', value ->> 'token', value ->> 'last_ms' FROM json_each(?1)
WHERE true
ON CONFLICT (account_id, token_id) DO UPDATE SET last_used_ms = max(last_used_ms, excluded.last_used_ms)
