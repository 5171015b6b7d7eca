SELECT
    j.value AS id,
    (
        SELECT count(*) FROM member_role AS mr
        JOIN member AS m ON m.account_id = mr.account_id AND m.member_id = mr.member_id
        WHERE mr.account_id = $1 AND mr.role_id = j.value AND m.removed_at_ms IS NULL
    ) AS members,
    (SELECT count(*) FROM team_role AS tr WHERE tr.account_id = $1 AND tr.role_id = j.value) AS teams
FROM json_each($2) AS j
