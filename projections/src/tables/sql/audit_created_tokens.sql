INSERT INTO audit_entry (
    position, account_id, at_ms, kind, event_type, target_id, name, resource, actions, actor_kind,
    actor_member_id, actor_token_id, request_id
)
SELECT
    value ->> 'position', value ->> 'account_id', value ->> 'at_ms', 'token', 'token.created',
    value ->> 'target_id', value ->> 'name', value ->> 'resource', '["createAccessToken"]',
    value ->> 'actor_kind', value ->> 'actor_member_id', value ->> 'actor_token_id',
    value ->> 'request_id'
FROM json_each($1)
