-- The condition on the kind is the one of the index event_ground, to the letter.
SELECT position, event_id, account_id, stream_kind::bigint, stream_id, version, event_type, schema_version::bigint,
    recorded_at_ms, payload, metadata, hash
FROM keyledger.event
WHERE log = 0 AND account_id = $1 AND stream_kind <> 3 AND position > $2 AND position <= $3
ORDER BY position
LIMIT $4
