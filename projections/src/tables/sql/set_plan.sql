UPDATE account SET plan = $6, version = $3, last_position = $5
WHERE account_id = $1 AND $2 = $1 AND version = $3 - 1
