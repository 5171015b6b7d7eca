DELETE FROM member_role WHERE account_id = $1 AND member_id = $2
