SELECT fingerprint, first_position, last_position, recorded_at_ms
FROM command_receipt
WHERE account_id = ?1 AND idempotency_key = ?2
