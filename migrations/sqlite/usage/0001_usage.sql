-- When tokens were used and members were seen. Not part of the log: a use changes nothing that anybody
-- may do. Written in batches; a crash loses at most the last second. Ids are 24 lower-case hex characters.

-- The last use of each token that was ever used.
CREATE TABLE IF NOT EXISTS token_usage (
    -- The account.
    account_id TEXT NOT NULL,
    -- The token, which may have been deleted since.
    token_id TEXT NOT NULL,
    -- When it last authenticated a call, Unix milliseconds.
    last_used_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, token_id)
) STRICT, WITHOUT ROWID;

-- How often each token was used, by day.
CREATE TABLE IF NOT EXISTS token_usage_day (
    -- The account.
    account_id TEXT NOT NULL,
    -- The token.
    token_id TEXT NOT NULL,
    -- The day in UTC, such as 2026-11-25.
    day TEXT NOT NULL,
    -- How many calls it authenticated, those that were then refused included.
    calls INTEGER NOT NULL,
    PRIMARY KEY (account_id, token_id, day)
) STRICT, WITHOUT ROWID;

-- When each member was last seen: signed in, or by a personal token.
CREATE TABLE IF NOT EXISTS member_seen (
    -- The account.
    account_id TEXT NOT NULL,
    -- The member, who may have been removed since.
    member_id TEXT NOT NULL,
    -- When, Unix milliseconds.
    last_seen_ms INTEGER NOT NULL,
    -- The personal token; null: signed in.
    token_id TEXT,
    PRIMARY KEY (account_id, member_id)
) STRICT, WITHOUT ROWID;
