SELECT account_id, stream_kind::bigint, stream_id FROM keyledger.claim WHERE log = 0 AND claim_key = $1
