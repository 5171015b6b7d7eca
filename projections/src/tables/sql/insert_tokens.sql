-- Whatever fails ends the whole batch, so no page is kept aside for undoing this row alone.
INSERT OR ROLLBACK INTO token (
    account_id, token_id, kind, member_id, name, description, scope_kind, role, custom_role_ids,
    inline_role, role_binding, scope_set_id, bound_set_id, role_attributes, ending, expiry_ms,
    default_api_version, cloned_from, created_at_ms, modified_at_ms, created_position, version,
    last_position
)
VALUES (
    :account_id, :token_id, :kind, :member_id, :name, :description, :scope_kind, :role,
    :custom_role_ids, :inline_role, :role_binding, :scope_set_id, :bound_set_id, :role_attributes,
    :ending, :expiry_ms, :default_api_version, :cloned_from, :at_ms, :at_ms, :position, :version,
    :position
)
