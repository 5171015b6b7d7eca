-- The positions are found and put in order within the index of streams, which holds them; only then are the
-- few rows of the page read.
SELECT position, event_id, account_id, stream_kind, stream_id, version, event_type, schema_version,
    recorded_at_ms, payload, metadata, hash
FROM event
WHERE position IN (
    SELECT position FROM event
    WHERE account_id = ?1 AND stream_kind IN (SELECT value FROM json_each(?2))
        AND position > ?3 AND position <= ?4
    ORDER BY position
    LIMIT ?5
)
ORDER BY position
