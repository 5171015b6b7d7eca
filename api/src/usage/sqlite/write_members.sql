INSERT INTO member_seen (account_id, member_id, last_seen_ms, token_id)
SELECT value ->> 'account', value ->> 'member', value ->> 'last_ms', value ->> 'token' FROM json_each(?1)
WHERE true
ON CONFLICT (account_id, member_id) DO UPDATE
SET last_seen_ms = excluded.last_seen_ms, token_id = excluded.token_id
WHERE excluded.last_seen_ms >= last_seen_ms
