INSERT INTO built_in_role (role, scope_policy_id, member_policy_id)
VALUES ($1, $2, $3)
ON CONFLICT (role) DO UPDATE
SET scope_policy_id = excluded.scope_policy_id, member_policy_id = excluded.member_policy_id
