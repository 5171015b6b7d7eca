INSERT INTO role (
    account_id, role_id, version, created_at_ms, modified_at_ms, created_position, last_position,
    key, name, description, policy, base_permissions, resource_category, scope_policy_id,
    member_policy_id
)
SELECT $1, $2, $3, $4, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13
WHERE $3 = 1
