SELECT account_id, stream_kind::bigint, stream_id, version
FROM keyledger.stream
WHERE log = 0 AND (account_id, stream_kind, stream_id) > ($1, $2::bigint::smallint, $3)
ORDER BY account_id, stream_kind, stream_id
LIMIT $4
