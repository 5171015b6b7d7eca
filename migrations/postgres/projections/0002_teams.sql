SET LOCAL search_path = keyledger_projections;

-- Teams. Their members have the team's custom roles and role attributes on top of their own, and some
-- members may have permissions on the team itself.

-- Teams, the deleted ones included.
CREATE TABLE team (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The key in URLs and in `team/<key>`; free again once the team is deleted.
    key text NOT NULL,
    -- The name.
    name text NOT NULL,
    -- Empty when not given.
    description text NOT NULL,
    -- What `${roleAttribute/...}` stands for, besides the members' own: an object of lists.
    role_attributes text NOT NULL,
    -- When the team was made.
    created_at_ms bigint NOT NULL,
    -- When anything about it last changed by a command on the team.
    modified_at_ms bigint NOT NULL,
    -- When it was deleted.
    deleted_at_ms bigint,
    -- The event that made the team; lists are in this order.
    created_position bigint NOT NULL,
    -- The version of the team's stream.
    version bigint NOT NULL,
    -- The last event that changed the team.
    last_position bigint NOT NULL,
    PRIMARY KEY (account_id, team_id)
);

-- Who is in which team now.
CREATE TABLE team_member (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The member.
    member_id text NOT NULL,
    PRIMARY KEY (account_id, team_id, member_id)
);

CREATE INDEX team_member_member ON team_member (account_id, member_id);

-- Custom roles of teams.
CREATE TABLE team_role (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The place in the team's list, from 0.
    ordinal bigint NOT NULL CHECK (ordinal >= 0),
    -- The role. A deleted one stays in the list and grants nothing.
    role_id text NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal)
);

CREATE INDEX team_role_role ON team_role (account_id, role_id);

-- Permission grants of teams: what some members may do with the team itself.
CREATE TABLE team_grant (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The place in the team's list, from 0.
    ordinal bigint NOT NULL CHECK (ordinal >= 0),
    -- maintainTeam. Null: see actions.
    action_set text,
    -- A list of actions. Null: see action_set.
    actions text,
    -- The same as a policy, see policy.
    policy_id text NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal),
    CHECK ((action_set IS NULL) <> (actions IS NULL))
);

-- Whom permission grants name.
CREATE TABLE team_grant_member (
    -- The account.
    account_id text NOT NULL,
    -- The team.
    team_id text NOT NULL,
    -- The grant's place in the team's list.
    ordinal bigint NOT NULL CHECK (ordinal >= 0),
    -- The member, who need not be in the team.
    member_id text NOT NULL,
    PRIMARY KEY (account_id, team_id, ordinal, member_id)
);

CREATE INDEX team_grant_member_member ON team_grant_member (account_id, member_id);

-- What `${roleAttribute/...}` stands for to each member now: the member's own values and those of the
-- teams, an object of lists.
CREATE VIEW member_attributes AS
SELECT
    m.account_id, m.member_id,
    CASE
        WHEN NOT EXISTS (
            SELECT 1 FROM team_member AS tm
            WHERE tm.account_id = m.account_id AND tm.member_id = m.member_id
        ) THEN m.role_attributes
        ELSE (
            SELECT coalesce(jsonb_object_agg(o.k, o.list)::text, '{}')
            FROM (
                SELECT a.key AS k, jsonb_agg(DISTINCT v.value) AS list
                FROM (
                    SELECT m.role_attributes AS document
                    UNION ALL
                    SELECT t.role_attributes
                    FROM team_member AS tm
                    JOIN team AS t ON t.account_id = tm.account_id AND t.team_id = tm.team_id
                    WHERE tm.account_id = m.account_id AND tm.member_id = m.member_id
                ) AS d
                CROSS JOIN LATERAL jsonb_each(d.document::jsonb) AS a (key, value)
                CROSS JOIN LATERAL jsonb_array_elements_text(a.value) AS v (value)
                GROUP BY a.key
            ) AS o
        )
    END AS role_attributes
FROM member AS m;

-- Tokens that are not deleted and whose member, if they are personal, is not removed. The view knows no
-- time: one with an expiry_ms in the past does not work either. `${memberId}` in its policies stands for
-- member_id, `${roleAttribute/...}` for the values in role_attributes.
CREATE VIEW live_token AS
SELECT
    t.account_id, t.token_id, t.kind, t.member_id, t.scope_kind, t.role, t.custom_role_ids,
    t.scope_set_id, t.bound_set_id, t.expiry_ms,
    coalesce(t.role_attributes, a.role_attributes, '{}') AS role_attributes
FROM token AS t
LEFT JOIN member AS m ON m.account_id = t.account_id AND m.member_id = t.member_id
LEFT JOIN member_attributes AS a ON a.account_id = t.account_id AND a.member_id = t.member_id
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
    t.account_id, t.token_id, 'scope', 0, coalesce(j.n - 1, 0),
    'custom_role:' || coalesce(j.value, ''), r.scope_policy_id
FROM live_token AS t
LEFT JOIN LATERAL jsonb_array_elements_text(t.custom_role_ids::jsonb) WITH ORDINALITY AS j (value, n) ON true
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
-- Custom roles that the member has by a team. What comes by teams is numbered by the event that made the
-- team, so that no two policies of the layer have one number.
SELECT
    t.account_id, t.token_id, 'member', 0, 1000 + 100 * g.created_position + tr.ordinal,
    'team_role:' || g.team_id || ':' || tr.role_id, r.member_policy_id
FROM live_token AS t
JOIN team_member AS tm ON tm.account_id = t.account_id AND tm.member_id = t.member_id
JOIN team AS g ON g.account_id = tm.account_id AND g.team_id = tm.team_id
JOIN team_role AS tr ON tr.account_id = g.account_id AND tr.team_id = g.team_id
LEFT JOIN role AS r
    ON r.account_id = t.account_id AND r.role_id = tr.role_id AND r.deleted_at_ms IS NULL
WHERE t.kind = 'personal'
UNION ALL
-- What grants let the member do with teams.
SELECT
    t.account_id, t.token_id, 'member', 0, 1050 + 100 * g.created_position + gm.ordinal,
    'team_grant:' || g.team_id, tg.policy_id
FROM live_token AS t
JOIN team_grant_member AS gm ON gm.account_id = t.account_id AND gm.member_id = t.member_id
JOIN team AS g ON g.account_id = gm.account_id AND g.team_id = gm.team_id
JOIN team_grant AS tg
    ON tg.account_id = gm.account_id AND tg.team_id = gm.team_id AND tg.ordinal = gm.ordinal
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
