INSERT INTO audit_entry (
    position, account_id, at_ms, kind, event_type, target_id, name, resource, actions, actor_kind,
    actor_member_id, actor_token_id, request_id
)
VALUES (
    :position, :account_id, :at_ms, 'token', 'token.created', :target_id, :name, :resource,
    '["createAccessToken"]', :actor_kind, :actor_member_id, :actor_token_id, :request_id
)
