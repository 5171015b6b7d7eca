INSERT INTO policy_statement (
    policy_id, statement_no, effect, resources, not_resources, actions, not_actions
)
SELECT j.policy_id, j.statement_no, j.effect, j.resources, j.not_resources, j.actions, j.not_actions
FROM json_to_recordset($1::json) AS j (
    policy_id text, statement_no bigint, effect text, resources text, not_resources text,
    actions text, not_actions text
)
ON CONFLICT (policy_id, statement_no) DO NOTHING
