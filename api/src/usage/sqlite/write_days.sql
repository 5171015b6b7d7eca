INSERT INTO token_usage_day (account_id, token_id, day, calls)
SELECT
    value ->> 'account', value ->> 'token', date((value ->> 'last_ms') / 1000, 'unixepoch'),
    value ->> 'calls'
FROM json_each(?1)
WHERE true
ON CONFLICT (account_id, token_id, day) DO UPDATE SET calls = calls + excluded.calls
