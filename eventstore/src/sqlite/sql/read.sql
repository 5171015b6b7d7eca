SELECT position, event_id, account_id, stream_kind, stream_id, version, event_type, schema_version,
    recorded_at_ms, payload, metadata, hash
FROM event
WHERE position > ?1 AND position <= ?2
ORDER BY position
LIMIT ?3
