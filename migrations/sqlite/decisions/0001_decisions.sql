-- Decisions that the doors gave, as many as the configuration asks for. It is no part of the log: a decision can be made
-- again as of its position, and this says which were asked for.

-- A decision.
CREATE TABLE IF NOT EXISTS decision (
    -- The order in which they were written.
    number INTEGER PRIMARY KEY,
    -- The id that the answer named.
    decision_id TEXT NOT NULL,
    -- When, Unix milliseconds.
    at_ms INTEGER NOT NULL,
    -- The door: native, nginx, traefik, envoy, grpc, authzen, oauth, kubernetes.
    door TEXT NOT NULL,
    -- The token's account; null where no token was known.
    account_id TEXT,
    -- The token; null where none was known, and where a member was asked about.
    token_id TEXT,
    -- The member who made the token, or who was asked about.
    member_id TEXT,
    -- personal or service.
    kind TEXT,
    -- role, customRoles or policy: how the scope was given.
    scope TEXT,
    -- The action; null where only whether the token works was asked.
    action TEXT,
    -- The resource; null likewise.
    resource TEXT,
    -- Whether it was allowed, 0 or 1.
    allowed INTEGER NOT NULL,
    -- Why.
    reason TEXT NOT NULL,
    -- The layer that refused: scope or ceiling.
    layer TEXT,
    -- The last event that the decision knew of.
    position INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS decision_by_time ON decision (at_ms);
CREATE INDEX IF NOT EXISTS decision_by_token ON decision (token_id, at_ms);

-- Decisions that were to be written and were not: there were too many at once, or the file could not be written.
CREATE TABLE IF NOT EXISTS decision_drop (
    -- When it was noticed, Unix milliseconds.
    at_ms INTEGER NOT NULL,
    -- How many since the row before.
    dropped INTEGER NOT NULL
) STRICT;
