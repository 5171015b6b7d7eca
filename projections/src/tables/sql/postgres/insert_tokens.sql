INSERT INTO token (
    account_id, token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids,
    inline_role, role_binding, scope_set_id, bound_set_id, role_attributes, ending, expiry_ms,
    default_api_version, cloned_from, created_at_ms, modified_at_ms, created_position, version,
    last_position
)
SELECT
    j.account_id, j.token_id, j.kind, j.member_id, j.name, j.description, j.scope_kind, j.role,
    j.custom_role_ids, j.inline_role, j.role_binding, j.scope_set_id, j.bound_set_id,
    j.role_attributes, j.ending, j.expiry_ms, j.default_api_version, j.cloned_from, j.at_ms,
    j.at_ms, j.position, j.version, j.position
FROM json_to_recordset($1::json) AS j (
    account_id text, token_id text, kind text, member_id text, name text, description text,
    scope_kind text, role text, custom_role_ids text, inline_role text, role_binding text,
    scope_set_id text, bound_set_id text, role_attributes text, ending text, expiry_ms bigint,
    default_api_version bigint, cloned_from text, at_ms bigint, position bigint, version bigint
)
