-- Tables computed from the event log, for analysts: the same as every node has in its projections.db. Statements name no
-- schema: whoever runs them says which one by its search_path, here and in every transaction that writes.
CREATE SCHEMA keyledger_projections;
SET LOCAL search_path = keyledger_projections;

-- Ids are 24 lower-case hex characters, times are milliseconds since 1970 UTC, JSON is text. What was
-- deleted or removed stays, with the time. No digest of a secret and no password hash is in here.
-- A position is an event's place in the log, a version counts the events of one stream.

-- How far the log has been read into these tables. It moves in the transaction that changes the rows.
CREATE TABLE projection (
    -- The projection; all tables of this file are one, `tables`.
    name text NOT NULL PRIMARY KEY,
    -- The version of the rules by which rows are computed.
    version bigint NOT NULL CHECK (version > 0),
    -- The last event that is in the tables.
    position bigint NOT NULL CHECK (position >= 0),
    -- That event's hash, with which the check of the chain goes on.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- `following`, or `failed` since an event that could not be applied.
    status text NOT NULL CHECK (status IN ('following', 'failed')),
    -- When position or status last changed, by the clock of the server.
    updated_at_ms bigint NOT NULL CHECK (updated_at_ms >= 0)
);

-- Accounts.
CREATE TABLE account (
    -- The account.
    account_id text NOT NULL PRIMARY KEY,
    -- Its name.
    name text NOT NULL,
    -- The plan it is on: starter, pro or enterprise.
    plan text NOT NULL,
    -- When it was made.
    created_at_ms bigint NOT NULL,
    -- The version of its stream.
    version bigint NOT NULL,
    -- The last event that changed it.
    last_position bigint NOT NULL
);

-- Members, the removed ones included.
CREATE TABLE member (
    -- The account.
    account_id text NOT NULL,
    -- The member; a person who is invited again is a new member.
    member_id text NOT NULL,
    -- The e-mail as it was given.
    email text NOT NULL,
    -- Empty when not given.
    first_name text NOT NULL,
    -- Empty when not given.
    last_name text NOT NULL,
    -- The base role: no_access, reader, writer, admin or owner. It counts while member_role has none.
    role text NOT NULL,
    -- What `${roleAttribute/...}` stands for: an object of lists.
    role_attributes text NOT NULL,
    -- 1 when the member can sign in with a password.
    has_password bigint NOT NULL CHECK (has_password IN (0, 1)),
    -- When the member was invited.
    created_at_ms bigint NOT NULL,
    -- When anything about the member last changed.
    modified_at_ms bigint NOT NULL,
    -- When the member was removed, for good.
    removed_at_ms bigint,
    -- The event that invited the member; lists are in this order.
    created_position bigint NOT NULL,
    -- The version of the member's stream.
    version bigint NOT NULL,
    -- The last event that changed the member.
    last_position bigint NOT NULL,
    PRIMARY KEY (account_id, member_id)
);

CREATE INDEX member_active ON member (account_id, created_position) WHERE removed_at_ms IS NULL;

-- Custom roles of members. While a member has any, they replace the base role.
CREATE TABLE member_role (
    -- The account.
    account_id text NOT NULL,
    -- The member.
    member_id text NOT NULL,
    -- The place in the member's list, from 0.
    ordinal bigint NOT NULL CHECK (ordinal >= 0),
    -- The role. A deleted one stays in the list and grants nothing.
    role_id text NOT NULL,
    PRIMARY KEY (account_id, member_id, ordinal)
);

CREATE INDEX member_role_role ON member_role (account_id, role_id);

-- Custom roles, the deleted ones included.
CREATE TABLE role (
    -- The account.
    account_id text NOT NULL,
    -- The role.
    role_id text NOT NULL,
    -- The key in URLs and in `role/<key>`; free again once the role is deleted.
    key text NOT NULL,
    -- The name.
    name text NOT NULL,
    -- Empty when not given.
    description text NOT NULL,
    -- The policy as it was given: a list of statements.
    policy text NOT NULL,
    -- no_access, or reader when the role includes what a reader may do.
    base_permissions text NOT NULL,
    -- The vendor's category, without effect.
    resource_category text,
    -- What the role allows a token that has it as scope, see policy.
    scope_policy_id text NOT NULL,
    -- What the role allows a member that has it, see policy.
    member_policy_id text NOT NULL,
    -- When the role was made.
    created_at_ms bigint NOT NULL,
    -- When anything about it last changed.
    modified_at_ms bigint NOT NULL,
    -- When it was deleted; it grants nothing since.
    deleted_at_ms bigint,
    -- The event that made the role; lists are in this order.
    created_position bigint NOT NULL,
    -- The version of the role's stream.
    version bigint NOT NULL,
    -- The last event that changed the role.
    last_position bigint NOT NULL,
    PRIMARY KEY (account_id, role_id)
);

CREATE INDEX role_active ON role (account_id, created_position) WHERE deleted_at_ms IS NULL;

-- Tokens, the deleted ones included.
CREATE TABLE token (
    -- The account.
    account_id text NOT NULL,
    -- The token.
    token_id text NOT NULL,
    -- personal: bounded by its member's permission now. service: bounded by its creator's at creation.
    kind text NOT NULL CHECK (kind IN ('personal', 'service')),
    -- The member who made it.
    member_id text NOT NULL,
    -- Empty when not given.
    name text NOT NULL,
    -- Empty when not given.
    description text NOT NULL,
    -- Which of the next three columns says what the token was asked to be able to do.
    scope_kind text NOT NULL CHECK (scope_kind IN ('role', 'custom_roles', 'inline')),
    -- A built-in role: reader, writer or admin.
    role text,
    -- A list of ids of custom roles.
    custom_role_ids text,
    -- A policy: a list of statements.
    inline_role text,
    -- frozen, or live when a service token takes its custom roles as they are now.
    role_binding text NOT NULL CHECK (role_binding IN ('frozen', 'live')),
    -- The scope by value, see policy_layer: in-line, or frozen at creation. Null: look the roles up now.
    scope_set_id text,
    -- The permissions frozen at creation that bound the token, see policy_layer. Null: none.
    bound_set_id text,
    -- A service token's own role attributes. Null: those of its member now.
    role_attributes text,
    -- The last four characters of its secret.
    ending text NOT NULL,
    -- When it ends by itself. Null: never.
    expiry_ms bigint,
    -- Until when the secret before the last reset works. Null, or a time in the past: it does not.
    previous_secret_until_ms bigint,
    -- The API version of calls that name none, such as 20240415.
    default_api_version bigint NOT NULL,
    -- The token that it was cloned from.
    cloned_from text,
    -- When it was made.
    created_at_ms bigint NOT NULL,
    -- When anything about it last changed.
    modified_at_ms bigint NOT NULL,
    -- When it was deleted.
    deleted_at_ms bigint,
    -- The event that made it; lists are in the reverse of this order.
    created_position bigint NOT NULL,
    -- The version of its stream.
    version bigint NOT NULL,
    -- The last event that changed it.
    last_position bigint NOT NULL,
    PRIMARY KEY (account_id, token_id),
    CHECK ((scope_kind = 'role') = (role IS NOT NULL)),
    CHECK ((scope_kind = 'custom_roles') = (custom_role_ids IS NOT NULL)),
    CHECK ((scope_kind = 'inline') = (inline_role IS NOT NULL))
);

CREATE INDEX token_active ON token (account_id, created_position DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX token_service ON token (account_id, kind, created_position DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX token_member ON token (account_id, member_id, kind, created_position DESC) WHERE deleted_at_ms IS NULL;

-- Policies by their content: each is here once, however many roles and tokens have it. Never changed.
CREATE TABLE policy (
    -- SHA-256 of the next column, in lower-case hex.
    policy_id text NOT NULL PRIMARY KEY,
    -- The list of statements.
    statements text NOT NULL
);

-- The statements of policies. Inside one policy a matching deny wins, else a matching allow, else deny.
CREATE TABLE policy_statement (
    -- The policy.
    policy_id text NOT NULL,
    -- The place in the policy, from 0.
    statement_no bigint NOT NULL CHECK (statement_no >= 0),
    -- allow or deny.
    effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
    -- A list: it is about the resources that one of these matches.
    resources text,
    -- A list: it is about the resources that none of these matches.
    not_resources text,
    -- A list: it is about the actions that one of these matches.
    actions text,
    -- A list: it is about the actions that none of these matches.
    not_actions text,
    PRIMARY KEY (policy_id, statement_no)
);

-- Permissions by value, by their content: layers of policies. Never changed. What a million tokens
-- were given alike is here once.
CREATE TABLE policy_layer (
    -- SHA-256 of the lists of policy ids, in lower-case hex.
    set_id text NOT NULL,
    -- The layer, from 0. All layers must allow.
    layer_no bigint NOT NULL CHECK (layer_no >= 0),
    -- The place in the layer, from 0. One policy that allows is enough for the layer.
    policy_no bigint NOT NULL CHECK (policy_no >= 0),
    -- The policy. Null, with policy_no 0: the layer has none and allows nothing.
    policy_id text,
    PRIMARY KEY (set_id, layer_no, policy_no)
);

-- The built-in roles of this program.
CREATE TABLE built_in_role (
    -- no_access, reader, writer, admin or owner.
    role text NOT NULL PRIMARY KEY,
    -- What it allows a token that has it as scope, see policy.
    scope_policy_id text NOT NULL,
    -- What it allows a member that has it, see policy.
    member_policy_id text NOT NULL
);
