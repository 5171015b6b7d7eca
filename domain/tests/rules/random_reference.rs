//! A slow reference that reads the raw history anew for every question.

use std::collections::BTreeMap;

use keyledger_domain::event::{Event, GrantActions, TeamGrant};
use keyledger_domain::ids::{MemberId, RoleId, TeamId, TokenId};
use keyledger_domain::policy::{Effect, Env, RoleAttributes, Statement, reference};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};

/// One policy, or several of which any may allow.
type AnyOf = Vec<Vec<Statement>>;

/// What the history says about a member: the base role, the custom roles, the attributes, presence.
fn member_now(history: &[Event], id: MemberId) -> (BuiltIn, Vec<RoleId>, RoleAttributes, bool) {
    let mut now = (
        BuiltIn::NoAccess,
        Vec::new(),
        RoleAttributes::default(),
        false,
    );
    for event in history {
        match event {
            Event::MemberInvited(e) if e.id == id => {
                now = (
                    e.role,
                    e.custom_roles.clone(),
                    e.role_attributes.clone(),
                    true,
                );
            }
            Event::MemberDowngraded(e) if e.id == id => now.0 = e.to,
            Event::MemberPromoted(e) if e.id == id => now.0 = e.to,
            Event::MemberRolesAssigned(e) if e.id == id => now.1.clone_from(&e.custom_roles),
            Event::MemberAttributesSet(e) if e.id == id => now.2.clone_from(&e.role_attributes),
            Event::MemberRemoved(e) if e.id == id => now.3 = false,
            _ => {}
        }
    }
    now
}

/// What the history says about a team.
#[derive(Default)]
struct TeamNow {
    key: String,
    members: Vec<MemberId>,
    roles: Vec<RoleId>,
    grants: Vec<TeamGrant>,
    attributes: RoleAttributes,
}

/// The teams that there are now, by the raw history.
fn teams_now(history: &[Event]) -> BTreeMap<TeamId, TeamNow> {
    let mut teams: BTreeMap<TeamId, TeamNow> = BTreeMap::new();
    let mut gone: Vec<MemberId> = Vec::new();
    for event in history {
        match event {
            Event::TeamCreated(e) => {
                let now = TeamNow {
                    key: e.key.clone(),
                    members: e.members.clone(),
                    roles: e.roles.clone(),
                    grants: e.grants.clone(),
                    attributes: e.role_attributes.clone(),
                };
                teams.insert(e.id, now);
            }
            Event::TeamUpdated(e) => {
                if let (Some(team), Some(to)) = (teams.get_mut(&e.id), &e.role_attributes) {
                    team.attributes = to.clone();
                }
            }
            Event::TeamMembersChanged(e) => {
                if let Some(team) = teams.get_mut(&e.id) {
                    team.members.retain(|id| !e.removed.contains(id));
                    team.members.extend(&e.added);
                }
            }
            Event::TeamRolesChanged(e) => {
                if let Some(team) = teams.get_mut(&e.id) {
                    team.roles.clone_from(&e.roles);
                }
            }
            Event::TeamGrantsChanged(e) => {
                if let Some(team) = teams.get_mut(&e.id) {
                    team.grants.clone_from(&e.grants);
                }
            }
            Event::TeamDeleted(e) => {
                teams.remove(&e.id);
            }
            Event::MemberRemoved(e) => gone.push(e.id),
            _ => {}
        }
    }
    for team in teams.values_mut() {
        team.members.retain(|id| !gone.contains(id));
    }
    teams
}

/// What teams give a member: policies, and values for placeholders on top of the member's own.
fn by_teams(
    history: &[Event],
    id: MemberId,
    attributes: &RoleAttributes,
) -> (AnyOf, RoleAttributes) {
    let mut policies = AnyOf::new();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |from: &RoleAttributes| {
        for (key, list) in from.iter() {
            values
                .entry(key.to_owned())
                .or_default()
                .extend(list.iter().cloned());
        }
    };
    add(attributes);
    for team in teams_now(history).values() {
        if team.members.contains(&id) {
            let reader = BuiltIn::Reader.member_policy().statements();
            policies.extend(roles_now(history, &team.roles, reader));
            add(&team.attributes);
        }
        for grant in team
            .grants
            .iter()
            .filter(|grant| grant.members.contains(&id))
        {
            let actions = match &grant.actions {
                GrantActions::Actions(actions) => actions.clone(),
                // As the documentation lists them.
                GrantActions::MaintainTeam => [
                    "viewTeam",
                    "updateTeamName",
                    "updateTeamDescription",
                    "updateTeamMembers",
                ]
                .map(str::to_owned)
                .to_vec(),
            };
            policies.push(vec![Statement {
                effect: Effect::Allow,
                resources: Some(vec![format!("team/{}", team.key)]),
                not_resources: None,
                actions: Some(actions),
                not_actions: None,
            }]);
        }
    }
    (
        policies,
        serde_json::from_value(serde_json::json!(values)).expect("attributes"),
    )
}

/// The policies of roles now, with what the base permissions add to each.
fn roles_now(history: &[Event], ids: &[RoleId], reader: &[Statement]) -> AnyOf {
    let one = |id: &RoleId| {
        let mut now = None;
        for event in history {
            match event {
                Event::RoleCreated(e) if e.id == *id => {
                    now = Some((e.policy.clone(), e.base_permissions))
                }
                Event::RoleUpdated(e) if e.id == *id => {
                    let (policy, base) = now?;
                    now = Some((
                        e.policy.clone().unwrap_or(policy),
                        e.base_permissions.unwrap_or(base),
                    ));
                }
                Event::RoleDeleted(e) if e.id == *id => now = None,
                _ => {}
            }
        }
        let (policy, base) = now?;
        let added = if base == BuiltIn::Reader { reader } else { &[] };
        Some([policy.as_slice(), added].concat())
    };
    ids.iter().filter_map(one).collect()
}

/// Whether the token is allowed it, as the raw history says, by the reference of the language alone.
pub(crate) fn slowly_allows(history: &[Event], id: TokenId, action: &str, resource: &str) -> bool {
    let created = history.iter().find_map(|event| match event {
        Event::TokenCreated(e) if e.id == id => Some(e),
        _ => None,
    });
    let created = created.expect("the token was made");
    let (mut scope, mut bounds) = (created.scope.clone(), created.bounds.clone());
    for event in history {
        if let Event::TokenUpdated(e) = event
            && e.id == id
            && let Some(new) = &e.scope
        {
            (scope, bounds) = (new.clone(), e.bounds.clone());
        }
    }
    let (base, custom_roles, member_attributes, present) = member_now(history, created.member);
    let personal = created.kind == TokenKind::Personal;
    if personal && !present {
        return false;
    }
    let statements = |policy: &keyledger_domain::policy::Policy| policy.statements().to_vec();
    let scope = match (&created.frozen_scope, scope) {
        (Some(frozen), _) => frozen.clone(),
        (None, Scope::Role(role)) => vec![statements(role.scope_policy())],
        (None, Scope::CustomRoles(ids)) => {
            roles_now(history, &ids, BuiltIn::Reader.scope_policy().statements())
        }
        (None, Scope::Inline(policy)) => vec![policy],
    };
    let mut layers = vec![scope];
    let (more, member_attributes) = by_teams(history, created.member, &member_attributes);
    if personal {
        let mut ceiling = if custom_roles.is_empty() {
            vec![statements(base.member_policy())]
        } else {
            let reader = BuiltIn::Reader.member_policy().statements();
            roles_now(history, &custom_roles, reader)
        };
        ceiling.extend(more);
        layers.push(ceiling);
    }
    layers.extend(bounds);
    let member = created.member.to_string();
    let env = Env {
        member_id: &member,
        attributes: if personal {
            &member_attributes
        } else {
            &created.role_attributes
        },
    };
    let any_allows = |layer: &AnyOf| {
        layer
            .iter()
            .any(|policy| reference::decide(policy, action, resource, &env).is_allow())
    };
    layers.iter().all(any_allows)
}
