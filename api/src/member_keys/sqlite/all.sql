SELECT account_id, member_id, key FROM member_key
