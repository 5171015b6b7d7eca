SELECT account_id, stream_kind, stream_id, version
FROM stream
WHERE (account_id, stream_kind, stream_id) > (?1, ?2, ?3)
ORDER BY account_id, stream_kind, stream_id
LIMIT ?4
