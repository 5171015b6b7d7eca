SELECT position, hash, recorded_at_ms FROM keyledger.log_head WHERE log = 0
