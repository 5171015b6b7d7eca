SELECT member_id FROM member WHERE account_id = $1 AND email LIKE $2 ESCAPE '\'
