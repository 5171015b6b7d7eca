-- The event log of one service: the only source of truth. Everything else is computed from it.
-- Times are milliseconds since 1970 UTC; ids are the bytes themselves.
-- The CHECKs mirror eventstore/src/limits.rs, which refuses a request before it gets here.
-- The log's number is the first part of every key, so that accounts can be spread over several logs: docs/scaling.md.

-- The end of the log. An append locks this row first, so positions are dense and in commit order.
CREATE TABLE keyledger.log_head (
    -- The log's number.
    log smallint NOT NULL PRIMARY KEY CHECK (log >= 0),
    -- The position of the last event; 0 in an empty log.
    position bigint NOT NULL CHECK (position >= 0),
    -- The last event's hash; in an empty log SHA-256 of 'keyledger/genesis/v1' and the log's number in two bytes.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- When the last event was recorded; 0 in an empty log.
    recorded_at_ms bigint NOT NULL CHECK (recorded_at_ms >= 0)
) WITH (fillfactor = 10);

INSERT INTO keyledger.log_head (log, position, hash, recorded_at_ms)
VALUES (0, 0, '\x5d7c51a91e89d420b3b71bdf24e235726488fdca4849e355bc13ee4375ba171e', 0);

-- What happened, for good: rows are only ever added.
CREATE TABLE keyledger.event (
    -- The place in the log, from 1 without a gap.
    position bigint NOT NULL CHECK (position > 0),
    -- The log's number.
    log smallint NOT NULL DEFAULT 0 CHECK (log >= 0),
    -- The event's own identity, shaped as a UUID version 7.
    event_id bytea NOT NULL CHECK (octet_length(event_id) = 16),
    -- The account that the stream belongs to.
    account_id bytea NOT NULL CHECK (octet_length(account_id) = 12),
    -- What the stream is about: 1 account, 2 member, 3 token, 4 role.
    stream_kind smallint NOT NULL CHECK (stream_kind > 0),
    -- The id of the account, member, token or role.
    stream_id bytea NOT NULL CHECK (octet_length(stream_id) = 12),
    -- The number within the stream, from 1 without a gap.
    version bigint NOT NULL CHECK (version > 0),
    -- The stable dotted name, such as token.created.
    event_type text NOT NULL CHECK (char_length(event_type) BETWEEN 1 AND 100),
    -- The version of the payload's layout.
    schema_version integer NOT NULL CHECK (schema_version BETWEEN 0 AND 65535),
    -- When it was recorded; never less than the predecessor's.
    recorded_at_ms bigint NOT NULL CHECK (recorded_at_ms >= 0),
    -- The event itself, in named MessagePack.
    payload bytea NOT NULL CHECK (octet_length(payload) <= 1048576),
    -- The circumstances (who did it, and in which request), in named MessagePack.
    metadata bytea NOT NULL CHECK (octet_length(metadata) <= 65536),
    -- SHA-256 over the predecessor's hash and all the columns above, as eventstore/src/chain.rs lays out.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (log, position),
    UNIQUE (log, event_id),
    UNIQUE (log, account_id, stream_kind, stream_id, version)
);

-- The last version of each stream, for the preconditions of commands.
CREATE TABLE keyledger.stream (
    -- The log's number.
    log smallint NOT NULL DEFAULT 0,
    -- The account that the stream belongs to.
    account_id bytea NOT NULL CHECK (octet_length(account_id) = 12),
    -- What the stream is about, as in event.
    stream_kind smallint NOT NULL CHECK (stream_kind > 0),
    -- The id of the account, member, token or role.
    stream_id bytea NOT NULL CHECK (octet_length(stream_id) = 12),
    -- The version of its last event.
    version bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (log, account_id, stream_kind, stream_id)
);

-- What a client's idempotency key was used for. Kept for good.
CREATE TABLE keyledger.command_receipt (
    -- The log's number.
    log smallint NOT NULL DEFAULT 0,
    -- The account in which the key is unique.
    account_id bytea NOT NULL CHECK (octet_length(account_id) = 12),
    -- The client's key.
    idempotency_key text NOT NULL CHECK (char_length(idempotency_key) BETWEEN 1 AND 255),
    -- A digest of the request, to tell a repetition from another request.
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    -- The position of the request's first event.
    first_position bigint NOT NULL CHECK (first_position > 0),
    -- The position of the request's last event.
    last_position bigint NOT NULL CHECK (last_position >= first_position),
    -- When the request was recorded.
    recorded_at_ms bigint NOT NULL CHECK (recorded_at_ms >= 0),
    PRIMARY KEY (log, account_id, idempotency_key)
);

-- Who holds what must be unique, such as an e-mail address or a role key.
CREATE TABLE keyledger.claim (
    -- The log's number.
    log smallint NOT NULL DEFAULT 0,
    -- A digest of what must be unique, with its account and kind.
    claim_key bytea NOT NULL CHECK (octet_length(claim_key) = 32),
    -- The account of the stream that holds it.
    account_id bytea NOT NULL CHECK (octet_length(account_id) = 12),
    -- What that stream is about, as in event.
    stream_kind smallint NOT NULL CHECK (stream_kind > 0),
    -- The id of the account, member, token or role that holds it.
    stream_id bytea NOT NULL CHECK (octet_length(stream_id) = 12),
    PRIMARY KEY (log, claim_key)
);
