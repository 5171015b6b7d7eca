-- Ends what has expired, and all but the newest sign-ins of a member.
DELETE FROM session
WHERE expires_at_ms <= ?1
   OR (member_id = ?2 AND digest NOT IN (
        SELECT digest FROM session WHERE member_id = ?2
        ORDER BY created_at_ms DESC, digest LIMIT ?3))
