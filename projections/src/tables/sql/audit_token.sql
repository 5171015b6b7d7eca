INSERT INTO audit_entry (
    account_id, target_id, position, at_ms, kind, event_type, actions, actor_kind, actor_member_id,
    actor_token_id, request_id, comment, name, resource
)
SELECT
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    CASE name WHEN '' THEN ending ELSE name END,
    CASE kind
        WHEN 'personal' THEN 'member/' || member_id || ':token/' || token_id
        ELSE 'service-token/' || token_id
    END
FROM token WHERE account_id = $1 AND token_id = $2
