SELECT
    layer, layer_no, policy_no, source, statement_no, effect, resources, not_resources, actions,
    not_actions
FROM effective_permission
WHERE account_id = $1 AND token_id = $2
ORDER BY
    CASE layer WHEN 'scope' THEN 0 WHEN 'member' THEN 1 ELSE 2 END,
    layer_no, policy_no, statement_no
