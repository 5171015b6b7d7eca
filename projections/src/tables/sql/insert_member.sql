INSERT INTO member (
    account_id, member_id, version, created_at_ms, modified_at_ms, created_position, last_position,
    email, first_name, last_name, role, role_attributes, has_password
)
SELECT $1, $2, $3, $4, $4, $5, $5, $6, $7, $8, $9, $10, $11
WHERE $3 = 1
