-- The part between the marks is repeated for each row.
INSERT INTO event (
    position, event_id, account_id, stream_kind, stream_id, version, event_type, schema_version,
    recorded_at_ms, payload, metadata, hash
)
VALUES /*row*/(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)/*row*/
