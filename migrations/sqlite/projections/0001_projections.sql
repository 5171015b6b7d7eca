-- Tables computed from the event log: delete the file and they are computed again.
-- Ids are 24 lower-case hex characters, times are milliseconds since 1970 UTC, JSON is text. What was
-- deleted or removed stays, with the time. No digest of a secret and no password hash is in here.
-- A position is an event's place in the log, a version counts the events of one stream.

-- How far the log has been read into these tables. It moves in the transaction that changes the rows.
CREATE TABLE projection (
    -- The projection; all tables of this file are one, `tables`.
    name TEXT NOT NULL PRIMARY KEY,
    -- The version of the rules by which rows are computed.
    version INTEGER NOT NULL CHECK (version > 0),
    -- The last event that is in the tables.
    position INTEGER NOT NULL CHECK (position >= 0),
    -- That event's hash, with which the check of the chain goes on.
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    -- `following`, or `failed` since an event that could not be applied.
    status TEXT NOT NULL CHECK (status IN ('following', 'failed')),
    -- When position or status last changed, by the clock of the server.
    updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0)
) STRICT;

-- Accounts.
CREATE TABLE account (
    -- The account.
    account_id TEXT NOT NULL PRIMARY KEY,
    -- Its name.
    name TEXT NOT NULL,
    -- The plan it is on: starter, pro or enterprise.
    plan TEXT NOT NULL,
    -- When it was made.
    created_at_ms INTEGER NOT NULL,
    -- The version of its stream.
    version INTEGER NOT NULL,
    -- The last event that changed it.
    last_position INTEGER NOT NULL
) STRICT;

-- Members, the removed ones included.
CREATE TABLE member (
    -- The account.
    account_id TEXT NOT NULL,
    -- The member; a person who is invited again is a new member.
    member_id TEXT NOT NULL,
    -- The e-mail as it was given.
    email TEXT NOT NULL,
    -- Empty when not given.
    first_name TEXT NOT NULL,
    -- Empty when not given.
    last_name TEXT NOT NULL,
    -- The base role: no_access, reader, writer, admin or owner. It counts while member_role has none.
    role TEXT NOT NULL,
    -- What `${roleAttribute/...}` stands for: an object of lists.
    role_attributes TEXT NOT NULL,
    -- 1 when the member can sign in with a password.
    has_password INTEGER NOT NULL CHECK (has_password IN (0, 1)),
    -- When the member was invited.
    created_at_ms INTEGER NOT NULL,
    -- When anything about the member last changed.
    modified_at_ms INTEGER NOT NULL,
    -- When the member was removed, for good.
    removed_at_ms INTEGER,
    -- The event that invited the member; lists are in this order.
    created_position INTEGER NOT NULL,
    -- The version of the member's stream.
    version INTEGER NOT NULL,
    -- The last event that changed the member.
    last_position INTEGER NOT NULL,
    PRIMARY KEY (account_id, member_id)
) STRICT;

CREATE INDEX member_active ON member (account_id, created_position) WHERE removed_at_ms IS NULL;

-- Custom roles of members. While a member has any, they replace the base role.
CREATE TABLE member_role (
    -- The account.
    account_id TEXT NOT NULL,
    -- The member.
    member_id TEXT NOT NULL,
    -- The place in the member's list, from 0.
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    -- The role. A deleted one stays in the list and grants nothing.
    role_id TEXT NOT NULL,
    PRIMARY KEY (account_id, member_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_role_role ON member_role (account_id, role_id);

-- Custom roles, the deleted ones included.
CREATE TABLE role (
    -- The account.
    account_id TEXT NOT NULL,
    -- The role.
    role_id TEXT NOT NULL,
    -- The key in URLs and in `role/<key>`; free again once the role is deleted.
    key TEXT NOT NULL,
    -- The name.
    name TEXT NOT NULL,
    -- Empty when not given.
    description TEXT NOT NULL,
    -- The policy as it was given: a list of statements.
    policy TEXT NOT NULL,
    -- no_access, or reader when the role includes what a reader may do.
    base_permissions TEXT NOT NULL,
    -- The vendor's category, without effect.
    resource_category TEXT,
    -- What the role allows a token that has it as scope, see policy.
    scope_policy_id TEXT NOT NULL,
    -- What the role allows a member that has it, see policy.
    member_policy_id TEXT NOT NULL,
    -- When the role was made.
    created_at_ms INTEGER NOT NULL,
    -- When anything about it last changed.
    modified_at_ms INTEGER NOT NULL,
    -- When it was deleted; it grants nothing since.
    deleted_at_ms INTEGER,
    -- The event that made the role; lists are in this order.
    created_position INTEGER NOT NULL,
    -- The version of the role's stream.
    version INTEGER NOT NULL,
    -- The last event that changed the role.
    last_position INTEGER NOT NULL,
    PRIMARY KEY (account_id, role_id)
) STRICT;

CREATE INDEX role_active ON role (account_id, created_position) WHERE deleted_at_ms IS NULL;

-- Tokens, the deleted ones included.
CREATE TABLE token (
    -- The account.
    account_id TEXT NOT NULL,
    -- The token.
    token_id TEXT NOT NULL,
    -- personal: bounded by its member's permission now. service: bounded by its creator's at creation.
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'service')),
    -- The member who made it.
    member_id TEXT NOT NULL,
    -- Empty when not given.
    name TEXT NOT NULL,
    -- Empty when not given.
    description TEXT NOT NULL,
    -- Which of the next three columns says what the token was asked to be able to do.
    scope_kind TEXT NOT NULL CHECK (scope_kind IN ('role', 'custom_roles', 'inline')),
    -- A built-in role: reader, writer or admin.
    role TEXT,
    -- A list of ids of custom roles.
    custom_role_ids TEXT,
    -- A policy: a list of statements.
    inline_role TEXT,
    -- frozen, or live when a service token takes its custom roles as they are now.
    role_binding TEXT NOT NULL CHECK (role_binding IN ('frozen', 'live')),
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

CREATE INDEX token_active ON token (account_id, created_position DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX token_service ON token (account_id, kind, created_position DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX token_member ON token (account_id, member_id, kind, created_position DESC) WHERE deleted_at_ms IS NULL;

-- Policies by their content: each is here once, however many roles and tokens have it. Never changed.
CREATE TABLE policy (
    -- SHA-256 of the next column, in lower-case hex.
    policy_id TEXT NOT NULL PRIMARY KEY,
    -- The list of statements.
    statements TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The statements of policies. Inside one policy a matching deny wins, else a matching allow, else deny.
CREATE TABLE policy_statement (
    -- The policy.
    policy_id TEXT NOT NULL,
    -- The place in the policy, from 0.
    statement_no INTEGER NOT NULL CHECK (statement_no >= 0),
    -- allow or deny.
    effect TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    -- A list: it is about the resources that one of these matches.
    resources TEXT,
    -- A list: it is about the resources that none of these matches.
    not_resources TEXT,
    -- A list: it is about the actions that one of these matches.
    actions TEXT,
    -- A list: it is about the actions that none of these matches.
    not_actions TEXT,
    PRIMARY KEY (policy_id, statement_no)
) STRICT, WITHOUT ROWID;

-- Permissions by value, by their content: layers of policies. Never changed. What a million tokens
-- were given alike is here once.
CREATE TABLE policy_layer (
    -- SHA-256 of the lists of policy ids, in lower-case hex.
    set_id TEXT NOT NULL,
    -- The layer, from 0. All layers must allow.
    layer_no INTEGER NOT NULL CHECK (layer_no >= 0),
    -- The place in the layer, from 0. One policy that allows is enough for the layer.
    policy_no INTEGER NOT NULL CHECK (policy_no >= 0),
    -- The policy. Null, with policy_no 0: the layer has none and allows nothing.
    policy_id TEXT,
    PRIMARY KEY (set_id, layer_no, policy_no)
) STRICT, WITHOUT ROWID;

-- The built-in roles of this program.
CREATE TABLE built_in_role (
    -- no_access, reader, writer, admin or owner.
    role TEXT NOT NULL PRIMARY KEY,
    -- What it allows a token that has it as scope, see policy.
    scope_policy_id TEXT NOT NULL,
    -- What it allows a member that has it, see policy.
    member_policy_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens that are not deleted and whose member, if they are personal, is not removed. The view knows no
-- time: one with an expiry_ms in the past does not work either. `${memberId}` in its policies stands for
-- member_id, `${roleAttribute/...}` for the values in role_attributes.
CREATE VIEW live_token AS
SELECT
    t.account_id, t.token_id, t.kind, t.member_id, t.scope_kind, t.role, t.custom_role_ids,
    t.scope_set_id, t.bound_set_id, t.expiry_ms,
    coalesce(t.role_attributes, m.role_attributes, '{}') AS role_attributes
FROM token AS t
LEFT JOIN member AS m ON m.account_id = t.account_id AND m.member_id = t.member_id
WHERE t.deleted_at_ms IS NULL
    AND (t.kind = 'service' OR (m.member_id IS NOT NULL AND m.removed_at_ms IS NULL));

-- The policies that decide now about each live token. A null policy_id grants nothing: a deleted role,
-- or a layer without policies.
CREATE VIEW effective_policy AS
-- A scope by value.
SELECT
    t.account_id, t.token_id, 'scope' AS layer, l.layer_no, l.policy_no,
    CASE t.kind WHEN 'service' THEN 'frozen' ELSE 'inline' END AS source, l.policy_id
FROM live_token AS t
JOIN policy_layer AS l ON l.set_id = t.scope_set_id
UNION ALL
-- A built-in role as scope.
SELECT t.account_id, t.token_id, 'scope', 0, 0, 'built_in:' || t.role, b.scope_policy_id
FROM live_token AS t
LEFT JOIN built_in_role AS b ON b.role = t.role
WHERE t.scope_set_id IS NULL AND t.scope_kind = 'role'
UNION ALL
-- Custom roles as scope, as they are now.
SELECT
    t.account_id, t.token_id, 'scope', 0, coalesce(j.key, 0),
    'custom_role:' || coalesce(j.value, ''), r.scope_policy_id
FROM live_token AS t
LEFT JOIN json_each(t.custom_role_ids) AS j
LEFT JOIN role AS r
    ON r.account_id = t.account_id AND r.role_id = j.value AND r.deleted_at_ms IS NULL
WHERE t.scope_set_id IS NULL AND t.scope_kind = 'custom_roles'
UNION ALL
-- A member without custom roles: the base role.
SELECT t.account_id, t.token_id, 'member', 0, 0, 'built_in:' || m.role, b.member_policy_id
FROM live_token AS t
JOIN member AS m ON m.account_id = t.account_id AND m.member_id = t.member_id
LEFT JOIN built_in_role AS b ON b.role = m.role
WHERE t.kind = 'personal'
    AND NOT EXISTS (
        SELECT 1 FROM member_role AS mr
        WHERE mr.account_id = t.account_id AND mr.member_id = t.member_id
    )
UNION ALL
-- A member with custom roles.
SELECT
    t.account_id, t.token_id, 'member', 0, mr.ordinal, 'custom_role:' || mr.role_id,
    r.member_policy_id
FROM live_token AS t
JOIN member_role AS mr ON mr.account_id = t.account_id AND mr.member_id = t.member_id
LEFT JOIN role AS r
    ON r.account_id = t.account_id AND r.role_id = mr.role_id AND r.deleted_at_ms IS NULL
WHERE t.kind = 'personal'
UNION ALL
-- Permissions frozen at creation.
SELECT t.account_id, t.token_id, 'bound', l.layer_no, l.policy_no, 'bound', l.policy_id
FROM live_token AS t
JOIN policy_layer AS l ON l.set_id = t.bound_set_id;

-- The statements that decide now about each live token, and nothing else. A token may do something when
-- in each of its (layer, layer_no) some policy_no allows it. A row without effect is a policy that
-- grants nothing: its layer still has to allow. Placeholders stay placeholders, see live_token. Ask for
-- one account_id and token_id where you can.
CREATE VIEW effective_permission AS
SELECT
    e.account_id, e.token_id, e.layer, e.layer_no, e.policy_no, e.source, s.statement_no, s.effect,
    s.resources, s.not_resources, s.actions, s.not_actions
FROM effective_policy AS e
LEFT JOIN policy_statement AS s ON s.policy_id = e.policy_id;
