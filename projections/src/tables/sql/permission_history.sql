SELECT layer, layer_no, policy_no, source, statement_no, effect, resources, not_resources, actions, not_actions
FROM token_permission_history
WHERE account_id = $1 AND token_id = $2 AND valid_from_position <= $3 AND $3 < valid_to_position
ORDER BY layer, layer_no, policy_no, statement_no
