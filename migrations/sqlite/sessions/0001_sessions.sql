-- Sign-ins of members. Not part of the log: deleting this file signs everybody out.
CREATE TABLE IF NOT EXISTS session (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32), -- SHA-256 of the cookie's value
    account_id TEXT NOT NULL,                                      -- the member's account, 24 hex characters
    member_id TEXT NOT NULL,                                       -- who signed in, 24 hex characters
    created_at_ms INTEGER NOT NULL,                                -- when, Unix milliseconds
    expires_at_ms INTEGER NOT NULL                                 -- when it ends by itself, Unix milliseconds
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_member ON session (member_id, created_at_ms);
