UPDATE token
SET scope_kind = $3, role = $4, custom_role_ids = $5, inline_role = $6, scope_set_id = $7,
    bound_set_id = $8
WHERE account_id = $1 AND token_id = $2
