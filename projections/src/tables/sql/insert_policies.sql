INSERT INTO policy (policy_id, statements)
SELECT value ->> 'policy_id', value ->> 'statements' FROM json_each($1)
WHERE true
ON CONFLICT (policy_id) DO NOTHING
