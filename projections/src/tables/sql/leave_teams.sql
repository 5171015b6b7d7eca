DELETE FROM team_member WHERE account_id = $1 AND member_id = $2
