SELECT position, log_hash, digest, bytes
FROM snapshot
WHERE account_id = ?1 AND position <= ?2 AND format = ?3
ORDER BY position DESC
LIMIT 1
