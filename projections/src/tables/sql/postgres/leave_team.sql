DELETE FROM team_member
WHERE account_id = $1 AND team_id = $2
    AND member_id IN (SELECT j.value FROM json_array_elements_text($3::json) AS j (value))
