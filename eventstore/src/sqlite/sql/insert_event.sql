INSERT INTO event (
    position, event_id, account_id, stream_kind, stream_id, version, event_type, schema_version,
    recorded_at_ms, payload, metadata, hash
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
