-- Snapshots of the past: where a fold of an earlier moment may begin. Delete the file and they are made again.

-- The ground of an account (all of it but its tokens) as it was at a position.
CREATE TABLE IF NOT EXISTS snapshot (
    -- The account, as 24 lower-case hex characters.
    account_id TEXT NOT NULL,
    -- The last event that is in it.
    position INTEGER NOT NULL CHECK (position > 0),
    -- The layout of the bytes; another one is passed over.
    format INTEGER NOT NULL CHECK (format > 0),
    -- The hash of the log at that position: the snapshot is of this log and no other.
    log_hash BLOB NOT NULL CHECK (length(log_hash) = 32),
    -- SHA-256 of the bytes.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- The ground, in named MessagePack.
    bytes BLOB NOT NULL,
    PRIMARY KEY (account_id, position)
) STRICT;
