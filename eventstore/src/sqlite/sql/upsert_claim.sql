INSERT INTO claim (claim_key, account_id, stream_kind, stream_id)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (claim_key) DO UPDATE SET
    account_id = excluded.account_id,
    stream_kind = excluded.stream_kind,
    stream_id = excluded.stream_id
