-- Everything that deciding a batch needs, in one statement: an awaited statement costs more than
-- the probes do. The lists are JSON arrays of fixed-width hex: ?1 streams (account, kind in two
-- decimal digits, id), ?2 claim keys, ?3 receipts (account, key in UTF-8), ?4 event ids.
-- CROSS JOIN keeps the planner probing the tables by key, whatever it thinks of their sizes.
SELECT 0 AS what, position AS first, 0 AS last, recorded_at_ms, hash AS bytes,
    x'' AS account_id, 0 AS stream_kind, x'' AS stream_id, '' AS name
FROM log_head
WHERE log = 0
UNION ALL
SELECT 1, s.version, 0, 0, x'', s.account_id, s.stream_kind, s.stream_id, ''
FROM json_each(?1) AS want
CROSS JOIN stream AS s
    ON s.account_id = unhex(substr(want.value, 1, 24))
    AND s.stream_kind = CAST(substr(want.value, 25, 2) AS INTEGER)
    AND s.stream_id = unhex(substr(want.value, 27, 24))
UNION ALL
SELECT 2, 0, 0, 0, c.claim_key, c.account_id, c.stream_kind, c.stream_id, ''
FROM json_each(?2) AS want
CROSS JOIN claim AS c ON c.claim_key = unhex(want.value)
UNION ALL
SELECT 3, r.first_position, r.last_position, r.recorded_at_ms, r.fingerprint,
    r.account_id, 0, x'', r.idempotency_key
FROM json_each(?3) AS want
CROSS JOIN command_receipt AS r
    ON r.account_id = unhex(substr(want.value, 1, 24))
    AND r.idempotency_key = CAST(unhex(substr(want.value, 25)) AS TEXT)
UNION ALL
SELECT 4, e.position, 0, e.recorded_at_ms, e.event_id,
    e.account_id, e.stream_kind, e.stream_id, ''
FROM json_each(?4) AS want
CROSS JOIN event AS e ON e.event_id = unhex(want.value)
