INSERT INTO team_grant (account_id, team_id, ordinal, action_set, actions, policy_id)
SELECT
    $1, $2, key, value ->> 'action_set', value ->> 'actions', value ->> 'policy_id'
FROM json_each($3)
