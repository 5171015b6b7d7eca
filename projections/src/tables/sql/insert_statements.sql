INSERT INTO policy_statement (
    policy_id, statement_no, effect, resources, not_resources, actions, not_actions
)
VALUES (:policy_id, :statement_no, :effect, :resources, :not_resources, :actions, :not_actions)
ON CONFLICT (policy_id, statement_no) DO NOTHING
