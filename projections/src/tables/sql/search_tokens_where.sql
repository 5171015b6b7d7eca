-- What the caller may see ($2: all; $3: whose own), of a kind ($4), that a text is found in ($5 as a pattern, $6 as it is).
WHERE token.account_id = $1 AND token.deleted_at_ms IS NULL
    AND ($2 OR token.kind = 'service' OR token.member_id = $3)
    AND ($4 IS NULL OR token.kind = $4)
    AND (
        $5 IS NULL OR token.name LIKE $5 ESCAPE '\' OR token.ending = $6 OR token.token_id = $6
        OR token.member_id IN (
            SELECT member.member_id FROM member WHERE member.account_id = $1 AND member.email LIKE $5 ESCAPE '\'
        )
    )
