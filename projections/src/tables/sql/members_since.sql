-- Since when each member has had the role and the custom roles of now: the end of the last stretch in which they were
-- others, or the member's own beginning. Of a removed member, since when there is none.
SELECT m.member_id AS id, coalesce(
    m.removed_at_ms,
    (
        SELECT max(h.valid_to_ms) FROM member_history AS h
        WHERE h.account_id = m.account_id AND h.member_id = m.member_id
            AND (h.role <> m.role OR h.custom_role_ids <> m.custom_role_ids)
    ),
    m.created_at_ms
) AS since_ms
FROM member AS m
WHERE m.account_id = $1 AND m.member_id IN (SELECT value FROM json_each($2))
