-- What exists at a position: made by then, and not deleted by then. Deleting is the last event of a token, and
-- neither its kind nor its member ever changes.
SELECT token_id AS id
FROM token
WHERE account_id = $1 AND created_position <= $2
    AND (deleted_at_ms IS NULL OR last_position > $2)
    AND ($3 OR kind = 'service' OR member_id = $4)
ORDER BY created_position DESC
LIMIT $5 OFFSET $6
