SELECT position, hash, recorded_at_ms FROM log_head WHERE log = 0
