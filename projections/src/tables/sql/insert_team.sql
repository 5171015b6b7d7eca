INSERT INTO team (
    account_id, team_id, version, created_at_ms, modified_at_ms, created_position, last_position,
    key, name, description, role_attributes
)
SELECT $1, $2, $3, $4, $4, $5, $5, $6, $7, $8, $9
WHERE $3 = 1
