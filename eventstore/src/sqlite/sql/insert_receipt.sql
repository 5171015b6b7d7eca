-- The part between the marks is repeated for each row.
INSERT INTO command_receipt (
    account_id, idempotency_key, fingerprint, first_position, last_position, recorded_at_ms
)
VALUES /*row*/(?, ?, ?, ?, ?, ?)/*row*/
