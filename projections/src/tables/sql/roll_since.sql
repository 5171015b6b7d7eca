-- The tokens of an account to which something happened after one position and up to another, as they are now. The audit log has
-- an entry for each event; an index of the tokens by their last change would cost each change more than it saves here.
SELECT token.token_id, token.kind, token.member_id, token.name, token.ending, token.expiry_ms, token.created_position,
    token.deleted_at_ms IS NOT NULL AS is_deleted, entry.position AS changed_position
FROM audit_entry AS entry
JOIN token ON token.account_id = entry.account_id AND token.token_id = entry.target_id
WHERE entry.account_id = $1 AND entry.kind = 'token' AND entry.position > $2 AND entry.position <= $3
ORDER BY entry.position
LIMIT $4
