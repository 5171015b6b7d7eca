-- All rows of a batch and the new head, in one statement: each message to the server and back costs more than its rows.
-- $1 to $4 head (position, hash, time, the position that the batch found); the rest are arrays: $5 to $15 events,
-- $16 to $19 streams, $20 to $24 receipts (their time is the head's), $25 to $28 claims taken, $29 claims released.
WITH events AS (
    INSERT INTO keyledger.event (
        log, recorded_at_ms, position, event_id, account_id, stream_kind, stream_id, version,
        event_type, schema_version, payload, metadata, hash
    )
    SELECT 0, $3, e.position, e.event_id, e.account_id, e.stream_kind::smallint, e.stream_id, e.version,
        e.event_type, e.schema_version, e.payload, e.metadata, e.hash
    FROM unnest(
        $5::bigint[], $6::bytea[], $7::bytea[], $8::bigint[], $9::bytea[], $10::bigint[],
        $11::text[], $12::int[], $13::bytea[], $14::bytea[], $15::bytea[]
    ) AS e (
        position, event_id, account_id, stream_kind, stream_id, version,
        event_type, schema_version, payload, metadata, hash
    )
),
streams AS (
    INSERT INTO keyledger.stream (log, account_id, stream_kind, stream_id, version)
    SELECT 0, s.account_id, s.stream_kind::smallint, s.stream_id, s.version
    FROM unnest($16::bytea[], $17::bigint[], $18::bytea[], $19::bigint[])
        AS s (account_id, stream_kind, stream_id, version)
    ON CONFLICT (log, account_id, stream_kind, stream_id) DO UPDATE SET version = excluded.version
),
receipts AS (
    INSERT INTO keyledger.command_receipt (
        log, recorded_at_ms, account_id, idempotency_key, fingerprint, first_position, last_position
    )
    SELECT 0, $3, r.account_id, r.idempotency_key, r.fingerprint, r.first_position, r.last_position
    FROM unnest($20::bytea[], $21::text[], $22::bytea[], $23::bigint[], $24::bigint[])
        AS r (account_id, idempotency_key, fingerprint, first_position, last_position)
),
taken AS (
    INSERT INTO keyledger.claim (log, claim_key, account_id, stream_kind, stream_id)
    SELECT 0, c.claim_key, c.account_id, c.stream_kind::smallint, c.stream_id
    FROM unnest($25::bytea[], $26::bytea[], $27::bigint[], $28::bytea[])
        AS c (claim_key, account_id, stream_kind, stream_id)
    ON CONFLICT (log, claim_key) DO UPDATE SET
        account_id = excluded.account_id,
        stream_kind = excluded.stream_kind,
        stream_id = excluded.stream_id
),
released AS (
    DELETE FROM keyledger.claim WHERE log = 0 AND claim_key = ANY ($29::bytea[])
)
-- A compare-and-set: no row comes back when the head is not where the batch found it.
UPDATE keyledger.log_head SET position = $1, hash = $2, recorded_at_ms = $3
WHERE log = 0 AND position = $4
RETURNING position
