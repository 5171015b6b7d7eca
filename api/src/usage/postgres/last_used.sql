SELECT token_id, last_used_ms FROM keyledger.token_usage
WHERE account_id = $1 AND token_id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
