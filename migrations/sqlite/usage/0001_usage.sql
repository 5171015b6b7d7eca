-- When tokens were used and members were seen. Not part of the log: a use changes nothing that anybody
-- may do. Written in batches; a crash loses at most the last second. Ids are 24 lower-case hex characters.

-- The last use of each token that was ever used.
CREATE TABLE IF NOT EXISTS token_usage (
    account_id TEXT NOT NULL,        -- the account
    token_id TEXT NOT NULL,          -- the token, which may have been deleted since
    last_used_ms INTEGER NOT NULL,   -- when it last authenticated a call, Unix milliseconds
    PRIMARY KEY (account_id, token_id)
) STRICT, WITHOUT ROWID;

-- How often each token was used, by day.
CREATE TABLE IF NOT EXISTS token_usage_day (
    account_id TEXT NOT NULL,        -- the account
    token_id TEXT NOT NULL,          -- the token
    day TEXT NOT NULL,               -- the day in UTC, such as 2026-11-25
    calls INTEGER NOT NULL,          -- how many calls it authenticated, those that were then refused included
    PRIMARY KEY (account_id, token_id, day)
) STRICT, WITHOUT ROWID;

-- When each member was last seen: signed in, or by a personal token.
CREATE TABLE IF NOT EXISTS member_seen (
    account_id TEXT NOT NULL,        -- the account
    member_id TEXT NOT NULL,         -- the member, who may have been removed since
    last_seen_ms INTEGER NOT NULL,   -- when, Unix milliseconds
    token_id TEXT,                   -- the personal token; null: signed in
    PRIMARY KEY (account_id, member_id)
) STRICT, WITHOUT ROWID;
