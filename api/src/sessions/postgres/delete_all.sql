DELETE FROM keyledger.session WHERE member_id = $1
