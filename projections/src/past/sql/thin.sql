-- Of an account that has too many, every second one goes, the newest never: the older the past, the wider apart.
DELETE FROM snapshot
WHERE account_id = ?1
    AND (SELECT count(*) FROM snapshot AS s WHERE s.account_id = ?1) > ?2
    AND (
        SELECT count(*) FROM snapshot AS newer
        WHERE newer.account_id = ?1 AND newer.position > snapshot.position
    ) % 2 = 1
