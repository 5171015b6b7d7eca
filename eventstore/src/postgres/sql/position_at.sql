-- Times never go back with the position, so a binary search over positions needs no index.
-- INVARIANT: every event up to `low` was recorded at or before $1, none after `high` was.
WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, position FROM keyledger.log_head WHERE log = 0
    UNION ALL
    SELECT
        CASE WHEN e.recorded_at_ms <= $1 THEN e.position ELSE s.low END,
        CASE WHEN e.recorded_at_ms <= $1 THEN s.high ELSE e.position - 1 END
    FROM search AS s
    JOIN keyledger.event AS e ON e.log = 0 AND e.position = (s.low + s.high + 1) / 2
    WHERE s.low < s.high
)
SELECT low FROM search WHERE low = high
