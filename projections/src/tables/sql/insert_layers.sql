INSERT INTO policy_layer (set_id, layer_no, policy_no, policy_id)
SELECT value ->> 'set_id', value ->> 'layer_no', value ->> 'policy_no', value ->> 'policy_id'
FROM json_each($1)
WHERE true
ON CONFLICT (set_id, layer_no, policy_no) DO NOTHING
