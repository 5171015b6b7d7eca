-- Decisions of an account by day, the oldest first.
SELECT date(at_ms / 1000, 'unixepoch') AS day, sum(allowed) AS allowed, count(*) - sum(allowed) AS denied
FROM decision
WHERE at_ms >= ?1 AND account_id = ?2
GROUP BY day
ORDER BY day
