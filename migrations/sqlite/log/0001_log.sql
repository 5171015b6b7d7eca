-- The event log of one service: the only source of truth. Everything else is computed from it.
-- Times are milliseconds since 1970 UTC; ids are the bytes themselves.
-- The CHECKs mirror eventstore/src/limits.rs, which refuses a request before it gets here.

-- The end of the log. An append locks this row first, so positions are dense and in commit order.
CREATE TABLE log_head (
    -- The log's number; a file holds one log, number 0.
    log INTEGER NOT NULL PRIMARY KEY CHECK (log = 0),
    -- The position of the last event; 0 in an empty log.
    position INTEGER NOT NULL CHECK (position >= 0),
    -- The last event's hash; in an empty log SHA-256 of 'keyledger/genesis/v1' and the log's number in two bytes.
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    -- When the last event was recorded; 0 in an empty log.
    recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms >= 0)
) STRICT;

INSERT INTO log_head (log, position, hash, recorded_at_ms)
VALUES (0, 0, x'5d7c51a91e89d420b3b71bdf24e235726488fdca4849e355bc13ee4375ba171e', 0);

-- What happened, for good: rows are only ever added.
CREATE TABLE event (
    -- The place in the log, from 1 without a gap.
    position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    -- The log's number.
    log INTEGER NOT NULL DEFAULT 0 CHECK (log = 0),
    -- The event's own identity, shaped as a UUID version 7.
    event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
    -- The account that the stream belongs to.
    account_id BLOB NOT NULL CHECK (length(account_id) = 12),
    -- What the stream is about: 1 account, 2 member, 3 token, 4 role.
    stream_kind INTEGER NOT NULL CHECK (stream_kind BETWEEN 1 AND 32767),
    -- The id of the account, member, token or role.
    stream_id BLOB NOT NULL CHECK (length(stream_id) = 12),
    -- The number within the stream, from 1 without a gap.
    version INTEGER NOT NULL CHECK (version > 0),
    -- The stable dotted name, such as token.created.
    event_type TEXT NOT NULL CHECK (length(event_type) BETWEEN 1 AND 100),
    -- The version of the payload's layout.
    schema_version INTEGER NOT NULL CHECK (schema_version BETWEEN 0 AND 65535),
    -- When it was recorded; never less than the predecessor's.
    recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms >= 0),
    -- The event itself, in named MessagePack.
    payload BLOB NOT NULL CHECK (length(payload) <= 1048576),
    -- The circumstances (who did it, and in which request), in named MessagePack.
    metadata BLOB NOT NULL CHECK (length(metadata) <= 65536),
    -- SHA-256 over the predecessor's hash and all the columns above, as eventstore/src/chain.rs lays out.
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (account_id, stream_kind, stream_id, version)
) STRICT;

-- The last version of each stream, for the preconditions of commands.
CREATE TABLE stream (
    -- The account that the stream belongs to.
    account_id BLOB NOT NULL CHECK (length(account_id) = 12),
    -- What the stream is about, as in event.
    stream_kind INTEGER NOT NULL CHECK (stream_kind BETWEEN 1 AND 32767),
    -- The id of the account, member, token or role.
    stream_id BLOB NOT NULL CHECK (length(stream_id) = 12),
    -- The version of its last event.
    version INTEGER NOT NULL CHECK (version > 0),
    PRIMARY KEY (account_id, stream_kind, stream_id)
) STRICT, WITHOUT ROWID;

-- What a client's idempotency key was used for. Kept for good.
CREATE TABLE command_receipt (
    -- The account in which the key is unique.
    account_id BLOB NOT NULL CHECK (length(account_id) = 12),
    -- The client's key.
    idempotency_key TEXT NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    -- A digest of the request, to tell a repetition from another request.
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    -- The position of the request's first event.
    first_position INTEGER NOT NULL CHECK (first_position > 0),
    -- The position of the request's last event.
    last_position INTEGER NOT NULL CHECK (last_position >= first_position),
    -- When the request was recorded.
    recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms >= 0),
    PRIMARY KEY (account_id, idempotency_key)
) STRICT, WITHOUT ROWID;

-- Who holds what must be unique, such as an e-mail address or a role key.
CREATE TABLE claim (
    -- A digest of what must be unique, with its account and kind.
    claim_key BLOB NOT NULL PRIMARY KEY CHECK (length(claim_key) = 32),
    -- The account of the stream that holds it.
    account_id BLOB NOT NULL CHECK (length(account_id) = 12),
    -- What that stream is about, as in event.
    stream_kind INTEGER NOT NULL CHECK (stream_kind BETWEEN 1 AND 32767),
    -- The id of the account, member, token or role that holds it.
    stream_id BLOB NOT NULL CHECK (length(stream_id) = 12)
) STRICT, WITHOUT ROWID;

-- Append-only. The third one is for INSERT OR REPLACE, whose delete fires no trigger unless the
-- connection has recursive_triggers on. Who can drop these can edit the file as well: that is what
-- the hash chain is for.
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;

CREATE TRIGGER event_no_replace BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE position = NEW.position)
    OR EXISTS (SELECT 1 FROM event WHERE event_id = NEW.event_id)
    OR EXISTS (
        SELECT 1 FROM event
        WHERE account_id = NEW.account_id AND stream_kind = NEW.stream_kind
            AND stream_id = NEW.stream_id AND version = NEW.version
    )
BEGIN
    SELECT RAISE(ABORT, 'event is append-only');
END;
