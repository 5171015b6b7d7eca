INSERT INTO audit_entry (
    position, account_id, at_ms, kind, event_type, target_id, name, resource, actions, actor_kind,
    actor_member_id, actor_token_id, request_id
)
SELECT
    j.position, j.account_id, j.at_ms, 'token', 'token.created', j.target_id, j.name, j.resource,
    '["createAccessToken"]', j.actor_kind, j.actor_member_id, j.actor_token_id, j.request_id
FROM json_to_recordset($1::json) AS j (
    position bigint, account_id text, at_ms bigint, target_id text, name text, resource text,
    actor_kind text, actor_member_id text, actor_token_id text, request_id text
)
