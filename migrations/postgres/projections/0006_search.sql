SET LOCAL search_path = keyledger_projections;

-- Tokens of one kind or member, the newest first. A node's own file has more of this step: lists are answered from there,
-- and analysts who look for names bring their own indexes.
CREATE INDEX token_search ON token (account_id, created_position DESC, kind, member_id) WHERE deleted_at_ms IS NULL;
