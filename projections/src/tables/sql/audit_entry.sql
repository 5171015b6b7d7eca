SELECT
    e.position, e.at_ms, e.kind, e.event_type, e.target_id, e.name, e.resource, e.actions,
    e.actor_member_id, e.actor_token_id, e.comment, t.name AS token_name, t.ending AS token_ending,
    t.kind AS token_kind
FROM audit_entry AS e
LEFT JOIN token AS t ON t.account_id = e.account_id AND t.token_id = e.actor_token_id
WHERE e.account_id = $1 AND e.position = $2
