SELECT account_id, member_id, last_seen_ms, token_id FROM member_seen WHERE last_seen_ms >= ?1
