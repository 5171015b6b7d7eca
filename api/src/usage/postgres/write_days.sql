INSERT INTO keyledger.token_usage_day AS known (account_id, token_id, day, calls)
SELECT account, token, to_char(to_timestamp(last_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), calls
FROM jsonb_to_recordset($1::text::jsonb) AS used (account text, token text, last_ms bigint, calls bigint)
ORDER BY account, token
ON CONFLICT (account_id, token_id, day) DO UPDATE SET calls = known.calls + excluded.calls
