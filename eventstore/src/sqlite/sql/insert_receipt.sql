INSERT INTO command_receipt (
    account_id, idempotency_key, fingerprint, first_position, last_position, recorded_at_ms
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
