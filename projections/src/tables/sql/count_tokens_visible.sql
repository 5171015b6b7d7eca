SELECT count(*) FROM token
WHERE account_id = ?1 AND deleted_at_ms IS NULL AND (kind = 'service' OR member_id = ?2)
