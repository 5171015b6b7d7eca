-- The audit log: one entry for each event, for people who ask who did what.
CREATE TABLE audit_entry (
    -- The event's place in the log.
    position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    -- The account.
    account_id TEXT NOT NULL,
    -- When it was recorded. It never goes down from one position to the next.
    at_ms INTEGER NOT NULL,
    -- What it is about: account, member, role, team or token.
    kind TEXT NOT NULL CHECK (kind IN ('account', 'member', 'role', 'team', 'token')),
    -- The event's name, such as token.created.
    event_type TEXT NOT NULL,
    -- The id of what it is about.
    target_id TEXT NOT NULL,
    -- Its name at that moment: a member's e-mail, the last characters of a token without a name.
    name TEXT NOT NULL,
    -- The same as a resource, as policies name it.
    resource TEXT NOT NULL,
    -- A list of the actions that it took.
    actions TEXT NOT NULL,
    -- By what right: operator, session, token or invitation.
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('operator', 'session', 'token', 'invitation')),
    -- The member who did it, or who made the token. Null: the operator.
    actor_member_id TEXT,
    -- The token with which it was done.
    actor_token_id TEXT,
    -- The request, as the answer's X-Request-Id named it.
    request_id TEXT NOT NULL,
    -- Why, in the words of whoever did it.
    comment TEXT,
    CHECK ((actor_kind = 'operator') = (actor_member_id IS NULL)),
    CHECK ((actor_kind = 'token') = (actor_token_id IS NOT NULL))
) STRICT;

CREATE INDEX audit_entry_account ON audit_entry (account_id, position);
CREATE INDEX audit_entry_time ON audit_entry (account_id, at_ms, position);

-- Earlier events belong into it as well: everything is computed again from the beginning of the log.
DELETE FROM team_grant_member;
DELETE FROM team_grant;
DELETE FROM team_role;
DELETE FROM team_member;
DELETE FROM team;
DELETE FROM token;
DELETE FROM member_role;
DELETE FROM role;
DELETE FROM member;
DELETE FROM account;
DELETE FROM projection;
