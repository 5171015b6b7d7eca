//! The people, roles and tokens that the tests speak of, as events; `ask` has the commands.

use keyledger_domain::command::NewSecret;
use keyledger_domain::event::{
    AccountCreated, Digest, Event, MemberAttributesSet, MemberDowngraded, MemberInvited,
    MemberPromoted, MemberRemoved, MemberRolesAssigned, RoleCreated, RoleDeleted, RoleUpdated,
    TokenCreated,
};
use keyledger_domain::ids::{AccountId, MemberId, RoleId, TeamId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{Effect, RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};

pub(crate) const ACCOUNT: AccountId = AccountId::from_bytes([0xac; 12]);
pub(crate) const OWNER: MemberId = member_id(1);
pub(crate) const ADMIN: MemberId = member_id(2);
pub(crate) const WRITER: MemberId = member_id(3);
pub(crate) const READER: MemberId = member_id(4);
pub(crate) const NOBODY: MemberId = member_id(5);
/// A member whose custom roles a test chooses.
pub(crate) const CUSTOM: MemberId = member_id(6);
pub(crate) const NEW_MEMBER: MemberId = member_id(9);

pub(crate) const TOKEN: TokenId = token_id(1);
pub(crate) const OTHER_TOKEN: TokenId = token_id(2);
pub(crate) const NEW_TOKEN: TokenId = token_id(9);

pub(crate) const DEPLOYER: RoleId = role_id(1);
pub(crate) const AUDITOR: RoleId = role_id(2);
pub(crate) const NEW_ROLE: RoleId = role_id(9);

pub(crate) const FLAG: &str = "proj/web:env/live:flag/dark-mode";

pub(crate) const fn member_id(number: u8) -> MemberId {
    MemberId::from_bytes([0xae, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

pub(crate) const fn token_id(number: u8) -> TokenId {
    TokenId::from_bytes([0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

pub(crate) const fn role_id(number: u8) -> RoleId {
    RoleId::from_bytes([0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

pub(crate) const fn team_id(number: u8) -> TeamId {
    TeamId::from_bytes([0x7e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

pub(crate) fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

pub(crate) fn allow(actions: &[&str], resources: &[&str]) -> Statement {
    Statement {
        effect: Effect::Allow,
        resources: Some(texts(resources)),
        not_resources: None,
        actions: Some(texts(actions)),
        not_actions: None,
    }
}

pub(crate) fn deny(actions: &[&str], resources: &[&str]) -> Statement {
    Statement {
        effect: Effect::Deny,
        ..allow(actions, resources)
    }
}

pub(crate) fn attributes(key: &str, values: &[&str]) -> RoleAttributes {
    RoleAttributes::parse([(key.to_owned(), texts(values))].into()).expect("attributes")
}

pub(crate) fn secret(number: u8) -> NewSecret {
    NewSecret {
        digest: digest(number),
        ending: format!("e{number:03}"),
    }
}

pub(crate) const fn digest(number: u8) -> Digest {
    Digest {
        pepper: 1,
        bytes: [number; 32],
    }
}

pub(crate) fn member_invited(id: MemberId, email: &str, role: BuiltIn) -> MemberInvited {
    MemberInvited {
        id,
        email: email.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        role,
        custom_roles: Vec::new(),
        role_attributes: RoleAttributes::default(),
        password_hash: None,
    }
}

/// An account with one member of each built-in role.
pub(crate) fn house() -> Vec<Event> {
    let invited = |id, email, role| Event::MemberInvited(member_invited(id, email, role));
    vec![
        Event::AccountCreated(AccountCreated {
            id: ACCOUNT,
            name: "Acme".to_owned(),
            plan: Plan::Enterprise,
        }),
        invited(OWNER, "owner@acme.test", BuiltIn::Owner),
        invited(ADMIN, "admin@acme.test", BuiltIn::Admin),
        invited(WRITER, "writer@acme.test", BuiltIn::Writer),
        invited(READER, "reader@acme.test", BuiltIn::Reader),
        invited(NOBODY, "nobody@acme.test", BuiltIn::NoAccess),
    ]
}

pub(crate) fn role_made(id: RoleId, key: &str, policy: Vec<Statement>) -> RoleCreated {
    RoleCreated {
        id,
        key: key.to_owned(),
        name: key.to_owned(),
        description: String::new(),
        policy,
        base_permissions: BuiltIn::NoAccess,
        resource_category: None,
    }
}

/// A custom role and a member who has it and nothing else.
pub(crate) fn custom_member(policy: Vec<Statement>) -> Vec<Event> {
    vec![
        Event::RoleCreated(role_made(DEPLOYER, "deployer", policy)),
        Event::MemberInvited(MemberInvited {
            custom_roles: vec![DEPLOYER],
            ..member_invited(CUSTOM, "custom@acme.test", BuiltIn::Reader)
        }),
    ]
}

pub(crate) fn role_edited(id: RoleId, policy: Vec<Statement>) -> Event {
    Event::RoleUpdated(RoleUpdated {
        id,
        name: None,
        description: None,
        policy: Some(policy),
        base_permissions: None,
        comment: None,
    })
}

pub(crate) fn role_deleted(id: RoleId) -> Event {
    Event::RoleDeleted(RoleDeleted { id })
}

pub(crate) fn downgraded(id: MemberId, from: BuiltIn, to: BuiltIn) -> Event {
    Event::MemberDowngraded(MemberDowngraded { id, from, to })
}

pub(crate) fn promoted(id: MemberId, from: BuiltIn, to: BuiltIn) -> Event {
    Event::MemberPromoted(MemberPromoted { id, from, to })
}

pub(crate) fn roles_assigned(id: MemberId, roles: &[RoleId]) -> Event {
    Event::MemberRolesAssigned(MemberRolesAssigned {
        id,
        custom_roles: roles.to_vec(),
    })
}

pub(crate) fn attributes_set(id: MemberId, role_attributes: RoleAttributes) -> Event {
    Event::MemberAttributesSet(MemberAttributesSet {
        id,
        role_attributes,
    })
}

pub(crate) fn removed(id: MemberId) -> Event {
    Event::MemberRemoved(MemberRemoved { id })
}

/// A personal token as `create` makes it.
pub(crate) fn personal(id: TokenId, member: MemberId, scope: Scope) -> TokenCreated {
    let secret = secret(1);
    TokenCreated {
        id,
        kind: TokenKind::Personal,
        member,
        name: "ci".to_owned(),
        description: String::new(),
        scope,
        frozen_scope: None,
        role_binding: RoleBinding::Frozen,
        role_attributes: RoleAttributes::default(),
        bounds: Vec::new(),
        digest: secret.digest,
        ending: secret.ending,
        expiry_ms: None,
        default_api_version: 20_240_415,
        cloned_from: None,
    }
}

/// A service token of this scope under this ceiling.
pub(crate) fn service(
    id: TokenId,
    member: MemberId,
    scope: Vec<Statement>,
    ceiling: Vec<Statement>,
) -> TokenCreated {
    TokenCreated {
        kind: TokenKind::Service,
        frozen_scope: Some(vec![scope.clone()]),
        bounds: vec![vec![ceiling]],
        ..personal(id, member, Scope::Inline(scope))
    }
}

/// A personal token, made earlier.
pub(crate) fn has_token(id: TokenId, member: MemberId, scope: Scope) -> Event {
    Event::TokenCreated(personal(id, member, scope))
}
