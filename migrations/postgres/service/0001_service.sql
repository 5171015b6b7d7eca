-- What the nodes of a fleet share beside the log. What is in these tables is no event.
-- Times are milliseconds since 1970 UTC; ids are 24 lower-case hex characters, except in member_key.

-- Sign-ins of members. Emptying this table signs everybody out.
CREATE TABLE keyledger.session (
    -- SHA-256 of the cookie's value.
    digest bytea NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    -- The member's account.
    account_id text NOT NULL,
    -- Who signed in.
    member_id text NOT NULL,
    -- When.
    created_at_ms bigint NOT NULL,
    -- When it ends by itself.
    expires_at_ms bigint NOT NULL
);
CREATE INDEX session_member ON keyledger.session (member_id, created_at_ms);
CREATE INDEX session_expiry ON keyledger.session (expires_at_ms);

-- The keys of members' personal data. Without a member's key nobody reads what the log says of the person. A key is
-- destroyed when its last copy is: backups and archived write-ahead logs that hold this table must end some day.
CREATE TABLE keyledger.member_key (
    -- The account, the bytes themselves.
    account_id bytea NOT NULL CHECK (octet_length(account_id) = 12),
    -- The member, the bytes themselves.
    member_id bytea NOT NULL CHECK (octet_length(member_id) = 12),
    -- For AES-256-GCM.
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    PRIMARY KEY (account_id, member_id)
);

-- The last use of each token that was ever used. Written in batches; a crash of a node loses at most its last second.
CREATE TABLE keyledger.token_usage (
    -- The account.
    account_id text NOT NULL,
    -- The token, which may have been deleted since.
    token_id text NOT NULL,
    -- When it last authenticated a call.
    last_used_ms bigint NOT NULL,
    PRIMARY KEY (account_id, token_id)
);

-- How often each token was used, by day.
CREATE TABLE keyledger.token_usage_day (
    -- The account.
    account_id text NOT NULL,
    -- The token.
    token_id text NOT NULL,
    -- The day in UTC, such as 2026-11-25.
    day text NOT NULL,
    -- How many calls it authenticated, those that were then refused included.
    calls bigint NOT NULL,
    PRIMARY KEY (account_id, token_id, day)
);

-- When each member was last seen: signed in, or by a personal token.
CREATE TABLE keyledger.member_seen (
    -- The account.
    account_id text NOT NULL,
    -- The member, who may have been removed since.
    member_id text NOT NULL,
    -- When.
    last_seen_ms bigint NOT NULL,
    -- The personal token; null: signed in.
    token_id text,
    PRIMARY KEY (account_id, member_id)
);
CREATE INDEX member_seen_last ON keyledger.member_seen (last_seen_ms);

-- What shows that every node has the same peppers, and shows nothing of them.
CREATE TABLE keyledger.pepper_proof (
    -- The pepper's number.
    pepper_id bigint NOT NULL PRIMARY KEY,
    -- HMAC-SHA256 under the pepper of a text that every node knows.
    proof bytea NOT NULL CHECK (octet_length(proof) = 32)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON keyledger.session, keyledger.member_key TO keyledger_service;
GRANT SELECT, INSERT, UPDATE ON keyledger.token_usage, keyledger.token_usage_day, keyledger.member_seen
TO keyledger_service;
GRANT SELECT, INSERT ON keyledger.pepper_proof TO keyledger_service;
GRANT SELECT ON keyledger.service_migration TO keyledger_service, keyledger_auditor;
GRANT SELECT ON keyledger.token_usage, keyledger.token_usage_day, keyledger.member_seen
TO keyledger_analyst, keyledger_auditor;
