SELECT day, calls FROM token_usage_day WHERE account_id = ?1 AND token_id = ?2 AND day >= ?3 ORDER BY day
