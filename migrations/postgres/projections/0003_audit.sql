SET LOCAL search_path = keyledger_projections;

-- The audit log: one entry for each event, for people who ask who did what.
CREATE TABLE audit_entry (
    -- The event's place in the log.
    position bigint NOT NULL PRIMARY KEY CHECK (position > 0),
    -- The account.
    account_id text NOT NULL,
    -- When it was recorded. It never goes down from one position to the next.
    at_ms bigint NOT NULL,
    -- What it is about: account, member, role, team or token.
    kind text NOT NULL CHECK (kind IN ('account', 'member', 'role', 'team', 'token')),
    -- The event's name, such as token.created.
    event_type text NOT NULL,
    -- The id of what it is about.
    target_id text NOT NULL,
    -- Its name at that moment: a member's e-mail, the last characters of a token without a name.
    name text NOT NULL,
    -- The same as a resource, as policies name it.
    resource text NOT NULL,
    -- A list of the actions that it took.
    actions text NOT NULL,
    -- By what right: operator, session, token or invitation.
    actor_kind text NOT NULL CHECK (actor_kind IN ('operator', 'session', 'token', 'invitation')),
    -- The member who did it, or who made the token. Null: the operator.
    actor_member_id text,
    -- The token with which it was done.
    actor_token_id text,
    -- The request, as the answer's X-Request-Id named it.
    request_id text NOT NULL,
    -- Why, in the words of whoever did it.
    comment text,
    CHECK ((actor_kind = 'operator') = (actor_member_id IS NULL)),
    CHECK ((actor_kind = 'token') = (actor_token_id IS NOT NULL))
);

CREATE INDEX audit_entry_account ON audit_entry (account_id, position);
CREATE INDEX audit_entry_time ON audit_entry (account_id, at_ms, position);
