UPDATE member
SET first_name = coalesce($6, first_name), last_name = coalesce($7, last_name), has_password = 1,
    version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND member_id = $2 AND version = $3 - 1 AND removed_at_ms IS NULL
