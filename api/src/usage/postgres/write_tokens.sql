-- In the order of the keys: several nodes write, and none may wait for another in a circle.
INSERT INTO keyledger.token_usage AS known (account_id, token_id, last_used_ms)
SELECT account, token, last_ms
FROM jsonb_to_recordset($1::text::jsonb) AS used (account text, token text, last_ms bigint)
ORDER BY account, token
ON CONFLICT (account_id, token_id) DO UPDATE
SET last_used_ms = greatest(known.last_used_ms, excluded.last_used_ms)
