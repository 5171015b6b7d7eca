UPDATE role
SET name = coalesce($6, name), description = coalesce($7, description), policy = $8,
    base_permissions = $9, scope_policy_id = $10, member_policy_id = $11,
    version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND role_id = $2 AND version = $3 - 1 AND deleted_at_ms IS NULL
