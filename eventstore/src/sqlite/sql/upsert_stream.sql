-- The part between the marks is repeated for each row.
INSERT INTO stream (account_id, stream_kind, stream_id, version)
VALUES /*row*/(?, ?, ?, ?)/*row*/
ON CONFLICT (account_id, stream_kind, stream_id) DO UPDATE SET version = excluded.version
