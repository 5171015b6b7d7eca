SELECT
    (
        SELECT count(*) FROM token
        WHERE account_id = $1 AND kind = 'service' AND deleted_at_ms IS NULL
    ) + (
        SELECT count(*) FROM token
        WHERE account_id = $1 AND member_id = $2 AND kind = 'personal' AND deleted_at_ms IS NULL
    )
