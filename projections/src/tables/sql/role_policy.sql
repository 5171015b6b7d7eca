SELECT policy, base_permissions FROM role WHERE account_id = $1 AND role_id = $2
