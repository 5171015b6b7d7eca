SELECT fingerprint, first_position, last_position, recorded_at_ms
FROM keyledger.command_receipt
WHERE log = 0 AND account_id = $1 AND idempotency_key = $2
