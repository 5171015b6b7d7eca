DELETE FROM snapshot WHERE account_id = ?1
