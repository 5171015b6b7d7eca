SELECT position, event_id, account_id, stream_kind::bigint, stream_id, version, event_type, schema_version::bigint,
    recorded_at_ms, payload, metadata, hash
FROM keyledger.event
WHERE log = 0 AND position > $1 AND position <= $2
ORDER BY position
LIMIT $3
