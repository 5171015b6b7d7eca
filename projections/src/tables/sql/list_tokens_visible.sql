-- Two ranges of two indexes, each in order already, are merged: no row is read that is not shown.
SELECT token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids, inline_role,
    role_binding, ending, expiry_ms, previous_secret_until_ms, default_api_version, cloned_from,
    created_at_ms, modified_at_ms, version, last_position, created_position
FROM token
WHERE account_id = $1 AND kind = 'service' AND deleted_at_ms IS NULL
UNION ALL
SELECT token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids, inline_role,
    role_binding, ending, expiry_ms, previous_secret_until_ms, default_api_version, cloned_from,
    created_at_ms, modified_at_ms, version, last_position, created_position
FROM token
WHERE account_id = $1 AND member_id = $4 AND kind = 'personal' AND deleted_at_ms IS NULL
ORDER BY created_position DESC
LIMIT $2 OFFSET $3
