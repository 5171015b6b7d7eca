DELETE FROM session WHERE member_id = ?1
