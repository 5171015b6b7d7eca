//! A slow reference that reads the raw history anew for every question.

use keyledger_domain::event::Event;
use keyledger_domain::ids::{MemberId, RoleId, TokenId};
use keyledger_domain::policy::{Env, RoleAttributes, Statement, reference};
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
    if personal && custom_roles.is_empty() {
        layers.push(vec![statements(base.member_policy())]);
    } else if personal {
        let reader = BuiltIn::Reader.member_policy().statements();
        layers.push(roles_now(history, &custom_roles, reader));
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
