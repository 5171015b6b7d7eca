UPDATE token
SET name = coalesce($6, name), description = coalesce($7, description),
    expiry_ms = CASE WHEN $8 IS NULL THEN expiry_ms WHEN $8 > 0 THEN $8 END,
    default_api_version = coalesce($9, default_api_version),
    version = $3, modified_at_ms = $4, last_position = $5
WHERE account_id = $1 AND token_id = $2 AND version = $3 - 1 AND deleted_at_ms IS NULL
