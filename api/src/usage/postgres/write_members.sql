INSERT INTO keyledger.member_seen AS known (account_id, member_id, last_seen_ms, token_id)
SELECT account, member, last_ms, token
FROM jsonb_to_recordset($1::text::jsonb) AS seen (account text, member text, last_ms bigint, token text)
ORDER BY account, member
ON CONFLICT (account_id, member_id) DO UPDATE
SET last_seen_ms = excluded.last_seen_ms, token_id = excluded.token_id
WHERE excluded.last_seen_ms >= known.last_seen_ms
