-- The condition on the kind is the one of the index event_ground, to the letter.
SELECT position, event_id, account_id, stream_kind, stream_id, version, event_type, schema_version,
    recorded_at_ms, payload, metadata, hash
FROM event
WHERE account_id = ?1 AND stream_kind <> 3 AND position > ?2 AND position <= ?3
ORDER BY position
LIMIT ?4
