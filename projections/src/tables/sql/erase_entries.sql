UPDATE audit_entry SET name = $3 WHERE account_id = $1 AND kind = 'member' AND target_id = $2
