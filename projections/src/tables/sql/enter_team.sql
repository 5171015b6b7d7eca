-- A member who was removed from the account meanwhile is passed over.
INSERT INTO team_member (account_id, team_id, member_id)
SELECT m.account_id, $2, m.member_id
FROM json_each($3) AS j
JOIN member AS m ON m.account_id = $1 AND m.member_id = j.value AND m.removed_at_ms IS NULL
WHERE true
ON CONFLICT DO NOTHING
