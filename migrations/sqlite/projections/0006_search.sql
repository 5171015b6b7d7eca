-- Searching and sorting the list of tokens. What is not shown is looked at in these indexes and not in the table, which
-- is ten times as large.

CREATE INDEX token_search ON token (account_id, created_position DESC, kind, member_id, name, ending, token_id)
WHERE deleted_at_ms IS NULL;
CREATE INDEX token_name ON token (account_id, name COLLATE NOCASE, created_position DESC, kind, member_id, ending, token_id)
WHERE deleted_at_ms IS NULL;
