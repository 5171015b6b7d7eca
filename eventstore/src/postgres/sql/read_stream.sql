-- By version, which is the order of position within a stream and the order of the index.
SELECT position, event_id, account_id, stream_kind::bigint, stream_id, version, event_type, schema_version::bigint,
    recorded_at_ms, payload, metadata, hash
FROM keyledger.event
WHERE log = 0 AND account_id = $1 AND stream_kind = $2::bigint::smallint AND stream_id = $3 AND position <= $4
ORDER BY version
LIMIT $5
