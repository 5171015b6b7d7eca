SELECT digest, created_at_ms, expires_at_ms FROM session
WHERE member_id = ?1 AND expires_at_ms > ?2
ORDER BY created_at_ms DESC, digest
