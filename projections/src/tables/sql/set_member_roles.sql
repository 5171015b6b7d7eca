UPDATE member SET custom_role_ids = $3 WHERE account_id = $1 AND member_id = $2
