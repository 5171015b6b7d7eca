INSERT INTO session (digest, account_id, member_id, created_at_ms, expires_at_ms)
VALUES (?1, ?2, ?3, ?4, ?5)
