SELECT account_id, member_id FROM keyledger.session WHERE digest = $1 AND expires_at_ms > $2
