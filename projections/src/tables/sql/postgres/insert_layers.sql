INSERT INTO policy_layer (set_id, layer_no, policy_no, policy_id)
SELECT j.set_id, j.layer_no, j.policy_no, j.policy_id
FROM json_to_recordset($1::json) AS j (set_id text, layer_no bigint, policy_no bigint, policy_id text)
ON CONFLICT (set_id, layer_no, policy_no) DO NOTHING
