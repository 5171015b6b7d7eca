-- Everything that deciding a batch needs, in one statement. The lists are arrays: $1 to $3 streams (account, kind, id),
-- $4 claim keys, $5 and $6 receipts (account, key), $7 event ids. The columns are those of SQLite's statement.
-- LIMIT keeps the planner probing each table by its unique key, whatever it thought of the table's size when the plan
-- was made: plans are kept, and tables grow.
SELECT 0::bigint AS what, position AS first, 0::bigint AS last, recorded_at_ms, hash AS bytes,
    ''::bytea AS account_id, 0::bigint AS stream_kind, ''::bytea AS stream_id, ''::text AS name
FROM keyledger.log_head
WHERE log = 0
UNION ALL
SELECT 1, s.version, 0, 0, '', want.account_id, want.stream_kind, want.stream_id, ''
FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) AS want (account_id, stream_kind, stream_id)
CROSS JOIN LATERAL (
    SELECT version FROM keyledger.stream
    WHERE log = 0 AND account_id = want.account_id
        AND stream_kind = want.stream_kind::smallint AND stream_id = want.stream_id
    LIMIT 1
) AS s
UNION ALL
SELECT 2, 0, 0, 0, want.claim_key, c.account_id, c.stream_kind, c.stream_id, ''
FROM unnest($4::bytea[]) AS want (claim_key)
CROSS JOIN LATERAL (
    SELECT account_id, stream_kind, stream_id FROM keyledger.claim
    WHERE log = 0 AND claim_key = want.claim_key
    LIMIT 1
) AS c
UNION ALL
SELECT 3, r.first_position, r.last_position, r.recorded_at_ms, r.fingerprint,
    want.account_id, 0, '', want.idempotency_key
FROM unnest($5::bytea[], $6::text[]) AS want (account_id, idempotency_key)
CROSS JOIN LATERAL (
    SELECT first_position, last_position, recorded_at_ms, fingerprint FROM keyledger.command_receipt
    WHERE log = 0 AND account_id = want.account_id AND idempotency_key = want.idempotency_key
    LIMIT 1
) AS r
UNION ALL
SELECT 4, e.position, 0, e.recorded_at_ms, want.event_id, e.account_id, e.stream_kind, e.stream_id, ''
FROM unnest($7::bytea[]) AS want (event_id)
CROSS JOIN LATERAL (
    SELECT position, recorded_at_ms, account_id, stream_kind, stream_id FROM keyledger.event
    WHERE log = 0 AND event_id = want.event_id
    LIMIT 1
) AS e
