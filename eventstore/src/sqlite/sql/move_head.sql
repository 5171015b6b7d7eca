-- A compare-and-set: no row comes back when the head is not where the batch found it.
UPDATE log_head SET position = ?, hash = ?, recorded_at_ms = ?
WHERE log = 0 AND position = ?
RETURNING position
