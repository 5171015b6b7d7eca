INSERT INTO team_grant (account_id, team_id, ordinal, action_set, actions, policy_id)
SELECT
    $1, $2, j.n - 1, j.value ->> 'action_set', j.value ->> 'actions', j.value ->> 'policy_id'
FROM json_array_elements($3::json) WITH ORDINALITY AS j (value, n)
