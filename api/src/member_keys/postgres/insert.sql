INSERT INTO keyledger.member_key (account_id, member_id, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
