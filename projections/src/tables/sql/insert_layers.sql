INSERT INTO policy_layer (set_id, layer_no, policy_no, policy_id)
VALUES (:set_id, :layer_no, :policy_no, :policy_id)
ON CONFLICT (set_id, layer_no, policy_no) DO NOTHING
