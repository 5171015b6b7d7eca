SELECT version FROM stream WHERE account_id = ?1 AND stream_kind = ?2 AND stream_id = ?3
