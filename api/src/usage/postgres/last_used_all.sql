SELECT token_id, last_used_ms FROM keyledger.token_usage WHERE account_id = $1
