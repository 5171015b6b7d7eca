SET LOCAL search_path = keyledger_projections;

-- History: what every row that decides about a permission was, in intervals. SQL can ask about any moment.
--
-- Intervals are half-open: a row was true from `valid_from_position` (at `valid_from_ms`) until before
-- `valid_to_position` (`valid_to_ms`). 9007199254740991 stands for what is still true. So "as of position P" is
-- `valid_from_position <= P AND P < valid_to_position`, and "as of time T" the same with the columns in
-- milliseconds. Several events may have one time: then some intervals are empty in time, and not in positions.
--
-- A change of a member, a role or a team writes a few rows, however many tokens hang on it: a token's permission at a
-- moment is put together by the views below.

-- Custom roles of a member as a list of ids, beside member_role.
ALTER TABLE member ADD COLUMN custom_role_ids text NOT NULL DEFAULT '[]';

-- Members, until they are removed.
CREATE TABLE member_history (
    -- The account.
    account_id text NOT NULL,
    -- The member.
    member_id text NOT NULL,
    -- The base role: no_access, reader, writer, admin or owner. It counts while custom_role_ids has none.
    role text NOT NULL,
    -- A list of ids of custom roles, which replace the base role.
    custom_role_ids text NOT NULL,
    -- The member's own values of `${roleAttribute/...}`: an object of lists.
    role_attributes text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, member_id, valid_from_position)
);

CREATE FUNCTION member_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO member_history (account_id, member_id, role, custom_role_ids, role_attributes, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.member_id, NEW.role, NEW.custom_role_ids, NEW.role_attributes, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER member_history_insert AFTER INSERT ON member FOR EACH ROW
EXECUTE FUNCTION member_history_insert();

CREATE FUNCTION member_history_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM member_history WHERE account_id = NEW.account_id AND member_id = NEW.member_id AND valid_from_position = NEW.last_position;
    UPDATE member_history SET valid_to_position = NEW.last_position, valid_to_ms = NEW.modified_at_ms
    WHERE account_id = NEW.account_id AND member_id = NEW.member_id AND valid_to_position = 9007199254740991;
    INSERT INTO member_history (account_id, member_id, role, custom_role_ids, role_attributes, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.member_id, NEW.role, NEW.custom_role_ids, NEW.role_attributes, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991
    WHERE NEW.removed_at_ms IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER member_history_update AFTER UPDATE ON member FOR EACH ROW
WHEN (
    OLD.role IS DISTINCT FROM NEW.role
    OR OLD.custom_role_ids IS DISTINCT FROM NEW.custom_role_ids
    OR OLD.role_attributes IS DISTINCT FROM NEW.role_attributes
    OR OLD.removed_at_ms IS DISTINCT FROM NEW.removed_at_ms
)
EXECUTE FUNCTION member_history_update();

-- Custom roles, until they are deleted.
CREATE TABLE role_history (
    -- The account.
    account_id text NOT NULL,
    -- The role.
    role_id text NOT NULL,
    -- The key in URLs and in `role/<key>`.
    key text NOT NULL,
    -- What the role allowed a token that had it as scope, see policy.
    scope_policy_id text NOT NULL,
    -- What the role allowed a member that had it, see policy.
    member_policy_id text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, role_id, valid_from_position)
);

CREATE FUNCTION role_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO role_history (account_id, role_id, key, scope_policy_id, member_policy_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.role_id, NEW.key, NEW.scope_policy_id, NEW.member_policy_id, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER role_history_insert AFTER INSERT ON role FOR EACH ROW
EXECUTE FUNCTION role_history_insert();

CREATE FUNCTION role_history_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM role_history WHERE account_id = NEW.account_id AND role_id = NEW.role_id AND valid_from_position = NEW.last_position;
    UPDATE role_history SET valid_to_position = NEW.last_position, valid_to_ms = NEW.modified_at_ms
    WHERE account_id = NEW.account_id AND role_id = NEW.role_id AND valid_to_position = 9007199254740991;
    INSERT INTO role_history (account_id, role_id, key, scope_policy_id, member_policy_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.role_id, NEW.key, NEW.scope_policy_id, NEW.member_policy_id, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991
    WHERE NEW.deleted_at_ms IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER role_history_update AFTER UPDATE ON role FOR EACH ROW
WHEN (
    OLD.key IS DISTINCT FROM NEW.key
    OR OLD.scope_policy_id IS DISTINCT FROM NEW.scope_policy_id
    OR OLD.member_policy_id IS DISTINCT FROM NEW.member_policy_id
    OR OLD.deleted_at_ms IS DISTINCT FROM NEW.deleted_at_ms
)
EXECUTE FUNCTION role_history_update();

-- Teams, until they are deleted.
CREATE TABLE team_history (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The key in URLs and in `team/<key>`.
    key text NOT NULL,
    -- Values of `${roleAttribute/...}` that the team gave its members: an object of lists.
    role_attributes text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, team_id, valid_from_position)
);

CREATE FUNCTION team_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO team_history (account_id, team_id, key, role_attributes, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.key, NEW.role_attributes, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_history_insert AFTER INSERT ON team FOR EACH ROW
EXECUTE FUNCTION team_history_insert();

CREATE FUNCTION team_history_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM team_history WHERE account_id = NEW.account_id AND team_id = NEW.team_id AND valid_from_position = NEW.last_position;
    UPDATE team_history SET valid_to_position = NEW.last_position, valid_to_ms = NEW.modified_at_ms
    WHERE account_id = NEW.account_id AND team_id = NEW.team_id AND valid_to_position = 9007199254740991;
    INSERT INTO team_history (account_id, team_id, key, role_attributes, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.key, NEW.role_attributes, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991
    WHERE NEW.deleted_at_ms IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_history_update AFTER UPDATE ON team FOR EACH ROW
WHEN (
    OLD.key IS DISTINCT FROM NEW.key
    OR OLD.role_attributes IS DISTINCT FROM NEW.role_attributes
    OR OLD.deleted_at_ms IS DISTINCT FROM NEW.deleted_at_ms
)
EXECUTE FUNCTION team_history_update();

-- Who was in which team.
CREATE TABLE team_member_history (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The member.
    member_id text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, team_id, member_id, valid_from_position)
);

CREATE INDEX team_member_history_member ON team_member_history (account_id, member_id);

CREATE FUNCTION team_member_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO team_member_history (account_id, team_id, member_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.member_id,
        greatest((SELECT last_position FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), (SELECT last_position FROM member WHERE account_id = NEW.account_id AND member_id = NEW.member_id)), 9007199254740991,
        greatest((SELECT modified_at_ms FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), (SELECT modified_at_ms FROM member WHERE account_id = NEW.account_id AND member_id = NEW.member_id)), 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_member_history_insert AFTER INSERT ON team_member FOR EACH ROW
EXECUTE FUNCTION team_member_history_insert();

CREATE FUNCTION team_member_history_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM team_member_history WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND member_id = OLD.member_id AND valid_from_position = greatest((SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT last_position FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id));
    UPDATE team_member_history SET valid_to_position = greatest((SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT last_position FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id)), valid_to_ms = greatest((SELECT modified_at_ms FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT modified_at_ms FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id))
    WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND member_id = OLD.member_id AND valid_to_position = 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_member_history_delete AFTER DELETE ON team_member FOR EACH ROW
EXECUTE FUNCTION team_member_history_delete();

-- Custom roles of teams.
CREATE TABLE team_role_history (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The place in the team's list, from 0.
    ordinal bigint NOT NULL,
    -- The role. A deleted one stays and grants nothing.
    role_id text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal, valid_from_position)
);

CREATE INDEX team_role_history_role ON team_role_history (account_id, role_id);

CREATE FUNCTION team_role_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO team_role_history (account_id, team_id, ordinal, role_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.ordinal, NEW.role_id,
        (SELECT last_position FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), 9007199254740991,
        (SELECT modified_at_ms FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_role_history_insert AFTER INSERT ON team_role FOR EACH ROW
EXECUTE FUNCTION team_role_history_insert();

CREATE FUNCTION team_role_history_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM team_role_history WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND valid_from_position = (SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id);
    UPDATE team_role_history SET valid_to_position = (SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), valid_to_ms = (SELECT modified_at_ms FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id)
    WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND valid_to_position = 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_role_history_delete AFTER DELETE ON team_role FOR EACH ROW
EXECUTE FUNCTION team_role_history_delete();

-- Permission grants of teams.
CREATE TABLE team_grant_history (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The place in the team's list, from 0.
    ordinal bigint NOT NULL,
    -- What the grant let its members do with the team, see policy.
    policy_id text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal, valid_from_position)
);

CREATE FUNCTION team_grant_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO team_grant_history (account_id, team_id, ordinal, policy_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.ordinal, NEW.policy_id,
        (SELECT last_position FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), 9007199254740991,
        (SELECT modified_at_ms FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_grant_history_insert AFTER INSERT ON team_grant FOR EACH ROW
EXECUTE FUNCTION team_grant_history_insert();

CREATE FUNCTION team_grant_history_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM team_grant_history WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND valid_from_position = (SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id);
    UPDATE team_grant_history SET valid_to_position = (SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), valid_to_ms = (SELECT modified_at_ms FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id)
    WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND valid_to_position = 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_grant_history_delete AFTER DELETE ON team_grant FOR EACH ROW
EXECUTE FUNCTION team_grant_history_delete();

-- Whom permission grants named.
CREATE TABLE team_grant_member_history (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The grant's place in the team's list.
    ordinal bigint NOT NULL,
    -- The member.
    member_id text NOT NULL,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal, member_id, valid_from_position)
);

CREATE INDEX team_grant_member_history_member ON team_grant_member_history (account_id, member_id);

CREATE FUNCTION team_grant_member_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO team_grant_member_history (account_id, team_id, ordinal, member_id, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.team_id, NEW.ordinal, NEW.member_id,
        greatest((SELECT last_position FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), (SELECT last_position FROM member WHERE account_id = NEW.account_id AND member_id = NEW.member_id)), 9007199254740991,
        greatest((SELECT modified_at_ms FROM team WHERE account_id = NEW.account_id AND team_id = NEW.team_id), (SELECT modified_at_ms FROM member WHERE account_id = NEW.account_id AND member_id = NEW.member_id)), 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_grant_member_history_insert AFTER INSERT ON team_grant_member FOR EACH ROW
EXECUTE FUNCTION team_grant_member_history_insert();

CREATE FUNCTION team_grant_member_history_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM team_grant_member_history WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND member_id = OLD.member_id AND valid_from_position = greatest((SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT last_position FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id));
    UPDATE team_grant_member_history SET valid_to_position = greatest((SELECT last_position FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT last_position FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id)), valid_to_ms = greatest((SELECT modified_at_ms FROM team WHERE account_id = OLD.account_id AND team_id = OLD.team_id), (SELECT modified_at_ms FROM member WHERE account_id = OLD.account_id AND member_id = OLD.member_id))
    WHERE account_id = OLD.account_id AND team_id = OLD.team_id AND ordinal = OLD.ordinal AND member_id = OLD.member_id AND valid_to_position = 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER team_grant_member_history_delete AFTER DELETE ON team_grant_member FOR EACH ROW
EXECUTE FUNCTION team_grant_member_history_delete();

-- Tokens, until they are deleted. An expiry is no event: see expiry_ms.
CREATE TABLE token_history (
    -- The account.
    account_id text NOT NULL,
    -- The token.
    token_id text NOT NULL,
    -- personal or service.
    kind text NOT NULL,
    -- The member who made it.
    member_id text NOT NULL,
    -- Empty when not given.
    name text NOT NULL,
    -- role, custom_roles or inline: what the scope was.
    scope_kind text NOT NULL,
    -- A built-in role: reader, writer or admin.
    role text,
    -- A list of ids of custom roles.
    custom_role_ids text,
    -- The scope by value, see policy_layer. Null: a role, looked up at the moment.
    scope_set_id text,
    -- The permissions frozen at creation that bounded the token, see policy_layer. Null: none.
    bound_set_id text,
    -- A service token's own values of `${roleAttribute/...}`. Null: those of its member.
    role_attributes text,
    -- When it ended, or was to end, by itself. Null: never.
    expiry_ms bigint,
    -- The first position at which it was so.
    valid_from_position bigint NOT NULL,
    -- The first position at which it was not so any more; 9007199254740991 while it is.
    valid_to_position bigint NOT NULL,
    -- When it became so.
    valid_from_ms bigint NOT NULL,
    -- When it ceased to be so; 9007199254740991 while it is.
    valid_to_ms bigint NOT NULL,
    PRIMARY KEY (account_id, token_id, valid_from_position)
);

CREATE INDEX token_history_member ON token_history (account_id, member_id);

CREATE FUNCTION token_history_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO token_history (account_id, token_id, kind, member_id, name, scope_kind, role, custom_role_ids, scope_set_id, bound_set_id, role_attributes, expiry_ms, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.token_id, NEW.kind, NEW.member_id, NEW.name, NEW.scope_kind, NEW.role, NEW.custom_role_ids, NEW.scope_set_id, NEW.bound_set_id, NEW.role_attributes, NEW.expiry_ms, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991;
    RETURN NULL;
END
$$;

CREATE TRIGGER token_history_insert AFTER INSERT ON token FOR EACH ROW
EXECUTE FUNCTION token_history_insert();

CREATE FUNCTION token_history_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What began with the same event was never true.
    DELETE FROM token_history WHERE account_id = NEW.account_id AND token_id = NEW.token_id AND valid_from_position = NEW.last_position;
    UPDATE token_history SET valid_to_position = NEW.last_position, valid_to_ms = NEW.modified_at_ms
    WHERE account_id = NEW.account_id AND token_id = NEW.token_id AND valid_to_position = 9007199254740991;
    INSERT INTO token_history (account_id, token_id, kind, member_id, name, scope_kind, role, custom_role_ids, scope_set_id, bound_set_id, role_attributes, expiry_ms, valid_from_position, valid_to_position, valid_from_ms, valid_to_ms)
    SELECT NEW.account_id, NEW.token_id, NEW.kind, NEW.member_id, NEW.name, NEW.scope_kind, NEW.role, NEW.custom_role_ids, NEW.scope_set_id, NEW.bound_set_id, NEW.role_attributes, NEW.expiry_ms, NEW.last_position, 9007199254740991, NEW.modified_at_ms, 9007199254740991
    WHERE NEW.deleted_at_ms IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER token_history_update AFTER UPDATE ON token FOR EACH ROW
WHEN (
    OLD.kind IS DISTINCT FROM NEW.kind
    OR OLD.member_id IS DISTINCT FROM NEW.member_id
    OR OLD.name IS DISTINCT FROM NEW.name
    OR OLD.scope_kind IS DISTINCT FROM NEW.scope_kind
    OR OLD.role IS DISTINCT FROM NEW.role
    OR OLD.custom_role_ids IS DISTINCT FROM NEW.custom_role_ids
    OR OLD.scope_set_id IS DISTINCT FROM NEW.scope_set_id
    OR OLD.bound_set_id IS DISTINCT FROM NEW.bound_set_id
    OR OLD.role_attributes IS DISTINCT FROM NEW.role_attributes
    OR OLD.expiry_ms IS DISTINCT FROM NEW.expiry_ms
    OR OLD.deleted_at_ms IS DISTINCT FROM NEW.deleted_at_ms
)
EXECUTE FUNCTION token_history_update();

-- Tokens with their members, until they are deleted or the member of a personal token is removed.
--   member_role: The base role of the member of a personal token; it counts while member_custom_role_ids has none.
--   member_custom_role_ids: The custom roles of the member of a personal token.
CREATE VIEW live_token_history AS
SELECT
    t.account_id, t.token_id, t.kind, t.member_id, t.scope_kind, t.role, t.custom_role_ids,
    t.scope_set_id, t.bound_set_id, t.role_attributes, t.expiry_ms,
    NULL AS member_role, NULL AS member_custom_role_ids,
    t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM token_history AS t
WHERE t.kind = 'service'
UNION ALL
SELECT
    t.account_id, t.token_id, t.kind, t.member_id, t.scope_kind, t.role, t.custom_role_ids,
    t.scope_set_id, t.bound_set_id, t.role_attributes, t.expiry_ms,
    m.role, m.custom_role_ids,
    greatest(t.valid_from_position, m.valid_from_position) AS valid_from_position, least(t.valid_to_position, m.valid_to_position) AS valid_to_position,
    greatest(t.valid_from_ms, m.valid_from_ms) AS valid_from_ms, least(t.valid_to_ms, m.valid_to_ms) AS valid_to_ms
FROM token_history AS t
JOIN member_history AS m
    ON m.account_id = t.account_id AND m.member_id = t.member_id
    AND m.valid_from_position < t.valid_to_position AND t.valid_from_position < m.valid_to_position
WHERE t.kind = 'personal';

-- The policies that decided about each token, and when. Policy_no -1 without a policy says that the layer was there:
-- where nothing else of it is, it granted nothing.
--   layer: scope, member or bound. All layers must allow.
--   layer_no: The layer, from 0: there may be several bounds.
--   policy_no: Tells the policies of a layer apart. One that allows is enough for the layer.
--   source: built_in:<role>, custom_role:<id>, team_role:<team>:<role>, team_grant:<team>, inline, frozen, bound, or layer.
CREATE VIEW token_policy_history AS
SELECT
    t.account_id, t.token_id, 'scope' AS layer, 0 AS layer_no, -1 AS policy_no, 'layer' AS source,
    NULL AS policy_id, t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
WHERE t.scope_set_id IS NULL
UNION ALL
SELECT
    t.account_id, t.token_id, 'scope', l.layer_no, l.policy_no,
    CASE t.kind WHEN 'service' THEN 'frozen' ELSE 'inline' END, l.policy_id, t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
JOIN policy_layer AS l ON l.set_id = t.scope_set_id
UNION ALL
SELECT
    t.account_id, t.token_id, 'scope', 0, 0, 'built_in:' || t.role, b.scope_policy_id,
    t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
JOIN built_in_role AS b ON b.role = t.role
WHERE t.scope_set_id IS NULL AND t.scope_kind = 'role'
UNION ALL
SELECT
    t.account_id, t.token_id, 'scope', 0, j.n - 1, 'custom_role:' || j.value, r.scope_policy_id,
    greatest(t.valid_from_position, r.valid_from_position) AS valid_from_position, least(t.valid_to_position, r.valid_to_position) AS valid_to_position,
    greatest(t.valid_from_ms, r.valid_from_ms) AS valid_from_ms, least(t.valid_to_ms, r.valid_to_ms) AS valid_to_ms
FROM live_token_history AS t
CROSS JOIN LATERAL jsonb_array_elements_text(t.custom_role_ids::jsonb) WITH ORDINALITY AS j (value, n)
JOIN role_history AS r
    ON r.account_id = t.account_id AND r.role_id = j.value
    AND r.valid_from_position < t.valid_to_position AND t.valid_from_position < r.valid_to_position
WHERE t.scope_set_id IS NULL AND t.scope_kind = 'custom_roles'
UNION ALL
SELECT t.account_id, t.token_id, 'member', 0, -1, 'layer', NULL, t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
WHERE t.kind = 'personal'
UNION ALL
-- A member without custom roles: the base role.
SELECT
    t.account_id, t.token_id, 'member', 0, 0, 'built_in:' || t.member_role, b.member_policy_id,
    t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
JOIN built_in_role AS b ON b.role = t.member_role
WHERE t.kind = 'personal' AND t.member_custom_role_ids = '[]'
UNION ALL
SELECT
    t.account_id, t.token_id, 'member', 0, j.n - 1, 'custom_role:' || j.value, r.member_policy_id,
    greatest(t.valid_from_position, r.valid_from_position) AS valid_from_position, least(t.valid_to_position, r.valid_to_position) AS valid_to_position,
    greatest(t.valid_from_ms, r.valid_from_ms) AS valid_from_ms, least(t.valid_to_ms, r.valid_to_ms) AS valid_to_ms
FROM live_token_history AS t
CROSS JOIN LATERAL jsonb_array_elements_text(t.member_custom_role_ids::jsonb) WITH ORDINALITY AS j (value, n)
JOIN role_history AS r
    ON r.account_id = t.account_id AND r.role_id = j.value
    AND r.valid_from_position < t.valid_to_position AND t.valid_from_position < r.valid_to_position
WHERE t.kind = 'personal'
UNION ALL
-- Custom roles that the member had by a team, numbered as in effective_policy.
SELECT
    t.account_id, t.token_id, 'member', 0, 1000 + 100 * g.created_position + tr.ordinal,
    'team_role:' || g.team_id || ':' || tr.role_id, r.member_policy_id,
    greatest(t.valid_from_position, tm.valid_from_position, tr.valid_from_position, r.valid_from_position) AS valid_from_position, least(t.valid_to_position, tm.valid_to_position, tr.valid_to_position, r.valid_to_position) AS valid_to_position,
    greatest(t.valid_from_ms, tm.valid_from_ms, tr.valid_from_ms, r.valid_from_ms) AS valid_from_ms, least(t.valid_to_ms, tm.valid_to_ms, tr.valid_to_ms, r.valid_to_ms) AS valid_to_ms
FROM live_token_history AS t
JOIN team_member_history AS tm
    ON tm.account_id = t.account_id AND tm.member_id = t.member_id
    AND tm.valid_from_position < t.valid_to_position AND t.valid_from_position < tm.valid_to_position
JOIN team AS g ON g.account_id = tm.account_id AND g.team_id = tm.team_id
JOIN team_role_history AS tr
    ON tr.account_id = tm.account_id AND tr.team_id = tm.team_id
    AND tr.valid_from_position < t.valid_to_position AND t.valid_from_position < tr.valid_to_position AND tr.valid_from_position < tm.valid_to_position AND tm.valid_from_position < tr.valid_to_position
JOIN role_history AS r
    ON r.account_id = t.account_id AND r.role_id = tr.role_id
    AND r.valid_from_position < t.valid_to_position AND t.valid_from_position < r.valid_to_position AND r.valid_from_position < tm.valid_to_position AND tm.valid_from_position < r.valid_to_position AND r.valid_from_position < tr.valid_to_position AND tr.valid_from_position < r.valid_to_position
WHERE t.kind = 'personal'
UNION ALL
SELECT
    t.account_id, t.token_id, 'member', 0, 1050 + 100 * g.created_position + gm.ordinal,
    'team_grant:' || g.team_id, tg.policy_id,
    greatest(t.valid_from_position, gm.valid_from_position, tg.valid_from_position) AS valid_from_position, least(t.valid_to_position, gm.valid_to_position, tg.valid_to_position) AS valid_to_position,
    greatest(t.valid_from_ms, gm.valid_from_ms, tg.valid_from_ms) AS valid_from_ms, least(t.valid_to_ms, gm.valid_to_ms, tg.valid_to_ms) AS valid_to_ms
FROM live_token_history AS t
JOIN team_grant_member_history AS gm
    ON gm.account_id = t.account_id AND gm.member_id = t.member_id
    AND gm.valid_from_position < t.valid_to_position AND t.valid_from_position < gm.valid_to_position
JOIN team AS g ON g.account_id = gm.account_id AND g.team_id = gm.team_id
JOIN team_grant_history AS tg
    ON tg.account_id = gm.account_id AND tg.team_id = gm.team_id AND tg.ordinal = gm.ordinal
    AND tg.valid_from_position < t.valid_to_position AND t.valid_from_position < tg.valid_to_position AND tg.valid_from_position < gm.valid_to_position AND gm.valid_from_position < tg.valid_to_position
WHERE t.kind = 'personal'
UNION ALL
SELECT
    t.account_id, t.token_id, 'bound', l.layer_no, l.policy_no, 'bound', l.policy_id,
    t.valid_from_position, t.valid_to_position, t.valid_from_ms, t.valid_to_ms
FROM live_token_history AS t
JOIN policy_layer AS l ON l.set_id = t.bound_set_id;

-- The statements that decided about each token, and when: effective_permission for every moment. At a moment, a
-- token could do something when in each (layer, layer_no) some policy_no allowed it. A row without effect grants
-- nothing: its layer still had to allow. The view knows no expiry, see token_history. Placeholders stay
-- placeholders. Ask for one account_id and token_id where you can.
--   layer: scope, member or bound. All layers must allow.
--   layer_no: The layer, from 0: there may be several bounds.
--   policy_no: Tells the policies of a layer apart. One that allows is enough for the layer.
--   source: built_in:<role>, custom_role:<id>, team_role:<team>:<role>, team_grant:<team>, inline, frozen, bound, or layer.
CREATE VIEW token_permission_history AS
SELECT
    p.account_id, p.token_id, p.valid_from_position, p.valid_to_position, p.valid_from_ms, p.valid_to_ms,
    p.layer, p.layer_no, p.policy_no, p.source, s.statement_no, s.effect,
    s.resources, s.not_resources, s.actions, s.not_actions
FROM token_policy_history AS p
LEFT JOIN policy_statement AS s ON s.policy_id = p.policy_id;

-- What happened, counted by day.
--   day: The day in UTC, such as 2026-11-25.
--   events: How many events there were.
CREATE VIEW daily_activity AS
SELECT
    account_id, to_char(to_timestamp(at_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, event_type, actor_kind, count(*) AS events
FROM audit_entry
GROUP BY account_id, day, event_type, actor_kind;

-- Tokens with what is often asked of them. What a token may do is in effective_permission.
--   status: active, deactivated (its member was removed) or deleted. One with an expiry_ms in the past has expired.
--   member_email: The e-mail of who made it.
--   member_role: The base role of who made it.
CREATE VIEW token_overview AS
SELECT
    t.account_id, t.token_id, t.name, t.kind, t.scope_kind, t.role, t.role_binding,
    CASE
        WHEN t.deleted_at_ms IS NOT NULL THEN 'deleted'
        WHEN t.kind = 'personal' AND m.removed_at_ms IS NOT NULL THEN 'deactivated'
        ELSE 'active'
    END AS status,
    t.member_id, m.email AS member_email, m.role AS member_role,
    t.created_at_ms, t.modified_at_ms, t.expiry_ms, t.deleted_at_ms, t.default_api_version
FROM token AS t
LEFT JOIN member AS m ON m.account_id = t.account_id AND m.member_id = t.member_id;

-- How far the tables are.
CREATE VIEW projection_status AS
SELECT name, version, position, status, updated_at_ms
FROM projection;
