INSERT INTO policy (policy_id, statements)
SELECT j.policy_id, j.statements
FROM json_to_recordset($1::json) AS j (policy_id text, statements text)
ON CONFLICT (policy_id) DO NOTHING
