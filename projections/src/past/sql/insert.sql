INSERT OR REPLACE INTO snapshot (account_id, position, format, log_hash, digest, bytes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
