INSERT INTO audit_entry (
    account_id, target_id, position, at_ms, kind, event_type, actions, actor_kind, actor_member_id,
    actor_token_id, request_id, comment, name, resource
)
SELECT
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    name, 'acct'
FROM account WHERE account_id = $1 AND $2 = $1
