SELECT token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids, inline_role,
    role_binding, ending, expiry_ms, previous_secret_until_ms, default_api_version, cloned_from,
    created_at_ms, modified_at_ms, version, last_position
FROM token
WHERE account_id = $1 AND token_id IN (SELECT value FROM json_each($2))
