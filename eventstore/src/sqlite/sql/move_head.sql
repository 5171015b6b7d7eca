-- A compare-and-set: nothing is changed when the head is not where the batch found it.
UPDATE log_head SET position = ?1, hash = ?2, recorded_at_ms = ?3
WHERE log = 0 AND position = ?4
