-- Time and position rise together, so both times become positions first, by their own index: what lies
-- outside of them is not read at all.
SELECT
    e.position, e.at_ms, e.kind, e.event_type, e.target_id, e.name, e.resource, e.actions,
    e.actor_member_id, e.actor_token_id, e.comment, t.name AS token_name, t.ending AS token_ending,
    t.kind AS token_kind
FROM audit_entry AS e
LEFT JOIN token AS t ON t.account_id = e.account_id AND t.token_id = e.actor_token_id
WHERE e.account_id = $1 AND e.position < $2
    AND e.position <= coalesce((
        SELECT b.position FROM audit_entry AS b WHERE b.account_id = $1 AND b.at_ms < $3
        ORDER BY b.at_ms DESC, b.position DESC LIMIT 1
    ), 0)
    AND e.position > coalesce((
        SELECT a.position FROM audit_entry AS a WHERE a.account_id = $1 AND a.at_ms <= $4
        ORDER BY a.at_ms DESC, a.position DESC LIMIT 1
    ), 0)
ORDER BY e.position DESC
LIMIT $5
