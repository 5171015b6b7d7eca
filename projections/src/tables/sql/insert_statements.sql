INSERT INTO policy_statement (
    policy_id, statement_no, effect, resources, not_resources, actions, not_actions
)
SELECT
    value ->> 'policy_id', value ->> 'statement_no', value ->> 'effect', value ->> 'resources',
    value ->> 'not_resources', value ->> 'actions', value ->> 'not_actions'
FROM json_each($1)
WHERE true
ON CONFLICT (policy_id, statement_no) DO NOTHING
