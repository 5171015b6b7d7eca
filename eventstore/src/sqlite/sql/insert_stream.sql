INSERT INTO stream (account_id, stream_kind, stream_id, version)
VALUES (?1, ?2, ?3, ?4)
