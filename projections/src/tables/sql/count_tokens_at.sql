SELECT count(*)
FROM token
WHERE account_id = $1 AND created_position <= $2
    AND (deleted_at_ms IS NULL OR last_position > $2)
    AND ($3 OR kind = 'service' OR member_id = $4)
