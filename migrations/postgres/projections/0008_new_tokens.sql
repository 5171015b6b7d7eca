-- Service tokens are few: one token in ten, whose lists this index is for. Every token was in it.
DROP INDEX token_service;
CREATE INDEX token_service ON token (account_id, created_position DESC) WHERE kind = 'service' AND deleted_at_ms IS NULL;
