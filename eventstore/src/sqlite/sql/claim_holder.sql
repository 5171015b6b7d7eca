SELECT account_id, stream_kind, stream_id FROM claim WHERE claim_key = ?1
