-- The ground of an account is all of it but its tokens: few events, which an answer about the past folds. Without
-- this index it would look at the account's streams one by one. 3 is a token's stream_kind.
CREATE INDEX event_ground ON keyledger.event (log, account_id, position) WHERE stream_kind <> 3;
