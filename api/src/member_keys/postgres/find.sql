SELECT key FROM keyledger.member_key WHERE account_id = $1 AND member_id = $2
