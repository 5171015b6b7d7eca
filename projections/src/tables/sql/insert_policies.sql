INSERT INTO policy (policy_id, statements)
VALUES (:policy_id, :statements)
ON CONFLICT (policy_id) DO NOTHING
