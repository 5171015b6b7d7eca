INSERT INTO stream (account_id, stream_kind, stream_id, version)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (account_id, stream_kind, stream_id) DO UPDATE SET version = excluded.version
