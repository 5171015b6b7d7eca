DELETE FROM claim WHERE claim_key = ?1
