-- The keys of members' personal data. Without a member's key nobody reads what the log says of the person. Back this file
-- up apart from the log, and let its backups end: a key is destroyed when its last copy is.
CREATE TABLE IF NOT EXISTS member_key (
    account_id BLOB NOT NULL CHECK (length(account_id) = 12), -- the account
    member_id BLOB NOT NULL CHECK (length(member_id) = 12),   -- the member
    key BLOB NOT NULL CHECK (length(key) = 32),               -- for AES-256-GCM
    PRIMARY KEY (account_id, member_id)
) STRICT, WITHOUT ROWID;
