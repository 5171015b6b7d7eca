UPDATE stream SET version = ?4
WHERE account_id = ?1 AND stream_kind = ?2 AND stream_id = ?3 AND version < ?4
