-- What a new token costs. Both tables are made anew with the same columns: SQLite makes a table of the values of an IN with three of
-- them or more, and drops it, for each row that the IN is checked for. The rows stay as they are.
CREATE TABLE kept_token AS SELECT * FROM token;
DROP TABLE token;

-- Tokens, the deleted ones included.
CREATE TABLE token (
    -- The account.
    account_id TEXT NOT NULL,
    -- The token.
    token_id TEXT NOT NULL,
    -- personal: bounded by its member's permission now. service: bounded by its creator's at creation.
    kind TEXT NOT NULL CHECK (kind = 'personal' OR kind = 'service'),
    -- The member who made it.
    member_id TEXT NOT NULL,
    -- Empty when not given.
    name TEXT NOT NULL,
    -- Empty when not given.
    description TEXT NOT NULL,
    -- Which of the next three columns says what the token was asked to be able to do.
    scope_kind TEXT NOT NULL CHECK (scope_kind = 'role' OR scope_kind = 'custom_roles' OR scope_kind = 'inline'),
    -- A built-in role: reader, writer or admin.
    role TEXT,
    -- A list of ids of custom roles.
    custom_role_ids TEXT,
    -- A policy: a list of statements.
    inline_role TEXT,
    -- frozen, or live when a service token takes its custom roles as they are now.
    role_binding TEXT NOT NULL CHECK (role_binding = 'frozen' OR role_binding = 'live'),
    -- The scope by value, see policy_layer: in-line, or frozen at creation. Null: look the roles up now.
    scope_set_id TEXT,
    -- The permissions frozen at creation that bound the token, see policy_layer. Null: none.
    bound_set_id TEXT,
    -- A service token's own role attributes. Null: those of its member now.
    role_attributes TEXT,
    -- The last four characters of its secret.
    ending TEXT NOT NULL,
    -- When it ends by itself. Null: never.
    expiry_ms INTEGER,
    -- Until when the secret before the last reset works. Null, or a time in the past: it does not.
    previous_secret_until_ms INTEGER,
    -- The API version of calls that name none, such as 20240415.
    default_api_version INTEGER NOT NULL,
    -- The token that it was cloned from.
    cloned_from TEXT,
    -- When it was made.
    created_at_ms INTEGER NOT NULL,
    -- When anything about it last changed.
    modified_at_ms INTEGER NOT NULL,
    -- When it was deleted.
    deleted_at_ms INTEGER,
    -- The event that made it; lists are in the reverse of this order.
    created_position INTEGER NOT NULL,
    -- The version of its stream.
    version INTEGER NOT NULL,
    -- The last event that changed it.
    last_position INTEGER NOT NULL,
    PRIMARY KEY (account_id, token_id),
    CHECK ((scope_kind = 'role') = (role IS NOT NULL)),
    CHECK ((scope_kind = 'custom_roles') = (custom_role_ids IS NOT NULL)),
    CHECK ((scope_kind = 'inline') = (inline_role IS NOT NULL))
) STRICT;

INSERT INTO token SELECT * FROM kept_token;
DROP TABLE kept_token;

CREATE INDEX token_active ON token (account_id, created_position DESC) WHERE deleted_at_ms IS NULL;
-- Service tokens are few: one in ten. All tokens were in it.
CREATE INDEX token_service ON token (account_id, kind, created_position DESC) WHERE kind = 'service' AND deleted_at_ms IS NULL;
CREATE INDEX token_member ON token (account_id, member_id, kind, created_position DESC) WHERE deleted_at_ms IS NULL;

CREATE TABLE kept_audit_entry AS SELECT * FROM audit_entry;
DROP TABLE audit_entry;

-- The audit log: one entry for each event, for people who ask who did what.
CREATE TABLE audit_entry (
    -- The event's place in the log.
    position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    -- The account.
    account_id TEXT NOT NULL,
    -- When it was recorded. It never goes down from one position to the next.
    at_ms INTEGER NOT NULL,
    -- What it is about: account, member, role, team or token.
    kind TEXT NOT NULL CHECK (kind = 'account' OR kind = 'member' OR kind = 'role' OR kind = 'team' OR kind = 'token'),
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
    actor_kind TEXT NOT NULL CHECK (actor_kind = 'operator' OR actor_kind = 'session' OR actor_kind = 'token' OR actor_kind = 'invitation'),
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

INSERT INTO audit_entry SELECT * FROM kept_audit_entry;
DROP TABLE kept_audit_entry;

CREATE INDEX audit_entry_account ON audit_entry (account_id, position);
CREATE INDEX audit_entry_time ON audit_entry (account_id, at_ms, position);

-- With VALUES, where step 4 had a SELECT: what a SELECT gives goes through a table of its own as well.
CREATE TRIGGER token_history_insert AFTER INSERT ON token
BEGIN
    INSERT INTO token_history (account_id, token_id, kind, member_id, name, scope_kind, role, custom_role_ids, scope_set_id, bound_set_id, role_attributes, expiry_ms, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    VALUES (NEW.account_id, NEW.token_id, NEW.kind, NEW.member_id, NEW.name, NEW.scope_kind, NEW.role, NEW.custom_role_ids, NEW.scope_set_id, NEW.bound_set_id, NEW.role_attributes, NEW.expiry_ms, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991);
END;

CREATE TRIGGER token_history_update AFTER UPDATE ON token
WHEN OLD.kind IS NOT NEW.kind
    OR OLD.member_id IS NOT NEW.member_id
    OR OLD.name IS NOT NEW.name
    OR OLD.scope_kind IS NOT NEW.scope_kind
    OR OLD.role IS NOT NEW.role
    OR OLD.custom_role_ids IS NOT NEW.custom_role_ids
    OR OLD.scope_set_id IS NOT NEW.scope_set_id
    OR OLD.bound_set_id IS NOT NEW.bound_set_id
    OR OLD.role_attributes IS NOT NEW.role_attributes
    OR OLD.expiry_ms IS NOT NEW.expiry_ms
    OR OLD.deleted_at_ms IS NOT NEW.deleted_at_ms
BEGIN
    -- What began with the same event was never true.
    DELETE FROM token_history WHERE account_id = NEW.account_id AND token_id = NEW.token_id AND valid_from_position = NEW.last_position;
    UPDATE token_history SET valid_to_position = NEW.last_position, valid_to_ms = NEW.modified_at_ms
    WHERE account_id = NEW.account_id AND token_id = NEW.token_id AND valid_to_position = 9007199254740991;
    INSERT INTO token_history (account_id, token_id, kind, member_id, name, scope_kind, role, custom_role_ids, scope_set_id, bound_set_id, role_attributes, expiry_ms, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.token_id, NEW.kind, NEW.member_id, NEW.name, NEW.scope_kind, NEW.role, NEW.custom_role_ids, NEW.scope_set_id, NEW.bound_set_id, NEW.role_attributes, NEW.expiry_ms, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991
    WHERE NEW.deleted_at_ms IS NULL;
END;
