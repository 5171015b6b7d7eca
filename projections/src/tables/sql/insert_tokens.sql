INSERT INTO token (
    account_id, token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids,
    inline_role, role_binding, scope_set_id, bound_set_id, role_attributes, ending, expiry_ms,
    default_api_version, cloned_from, created_at_ms, modified_at_ms, created_position, version,
    last_position
)
SELECT
    value ->> 'account_id', value ->> 'token_id', value ->> 'kind', value ->> 'member_id',
    value ->> 'name', value ->> 'description', value ->> 'scope_kind', value ->> 'role',
    value ->> 'custom_role_ids', value ->> 'inline_role', value ->> 'role_binding',
    value ->> 'scope_set_id', value ->> 'bound_set_id', value ->> 'role_attributes',
    value ->> 'ending', value ->> 'expiry_ms', value ->> 'default_api_version',
    value ->> 'cloned_from', value ->> 'at_ms', value ->> 'at_ms', value ->> 'position',
    value ->> 'version', value ->> 'position'
FROM json_each($1)
