-- The part between the marks is repeated for each row.
INSERT INTO claim (claim_key, account_id, stream_kind, stream_id)
VALUES /*row*/(?, ?, ?, ?)/*row*/
ON CONFLICT (claim_key) DO UPDATE SET
    account_id = excluded.account_id,
    stream_kind = excluded.stream_kind,
    stream_id = excluded.stream_id
