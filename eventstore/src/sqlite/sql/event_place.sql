SELECT position, recorded_at_ms, account_id, stream_kind, stream_id FROM event WHERE event_id = ?1
